import { CrashmonError } from '../../model/crashmon-error.ts';

export const WEBHOOK_PRESETS = ['crashmon', 'slack', 'teams', 'discord'] as const;
/** Whose format is spoken; `crashmon` is our own, described in docs/webhooks.md. */
export type WebhookPreset = (typeof WEBHOOK_PRESETS)[number];

/** Where messages are posted. The address is a secret with many services: it goes into no message and no log. */
export type WebhookTarget = {
  url: () => URL;
  /** For people: the host alone. */
  host: string;
  preset: WebhookPreset;
  /** Messages are signed with it; null: they are not. */
  secret: (() => string) | null;
  /** Also to addresses of private networks, and by http. */
  allowPrivate: boolean;
};

export type TargetOptions = {
  /** null: by the host, for services that are known. */
  preset?: WebhookPreset | null;
  secret?: string | null;
  allowPrivate?: boolean;
};

/** @throws CrashmonError BAD_OPTION; its message holds nothing of the address */
export function parseWebhookTarget(text: string, options: TargetOptions = {}): WebhookTarget {
  const { preset = null, secret = null, allowPrivate = false } = options;
  if (text.length > 2048 || !URL.canParse(text)) throw bad('it is to be like https://hooks.example.com/…');
  const url = new URL(text);
  const isPlain = url.protocol === 'http:';
  if (url.protocol !== 'https:' && !(isPlain && allowPrivate)) {
    throw bad(
      isPlain
        ? 'it is to begin with https://, or private networks have to be allowed'
        : 'it is to begin with https://',
    );
  }
  if (url.username !== '' || url.password !== '') throw bad('it may hold no user name and no password');
  if (secret !== null && Buffer.byteLength(secret) < 16)
    throw bad('its secret is to have 16 characters or more');
  url.hash = '';
  return {
    url: () => new URL(url),
    host: url.hostname,
    preset: preset ?? presetOf(url.hostname),
    secret: secret === null ? null : () => secret,
    allowPrivate,
  };
}

function presetOf(host: string): WebhookPreset {
  if (host === 'hooks.slack.com' || host === 'hooks.slack-gov.com') return 'slack';
  if (/^(?:[a-z]+\.)?discord(?:app)?\.com$/.test(host)) return 'discord';
  if (/\.(?:webhook\.office|logic\.azure|powerplatform|api\.powerplatform)\.com$/.test(host)) return 'teams';
  return 'crashmon';
}

function bad(why: string): CrashmonError {
  return new CrashmonError('BAD_OPTION', `The address of the webhook cannot be used: ${why}.`);
}
