import { CrashmonError } from '../../model/crashmon-error.ts';

export const WEBHOOK_PRESETS = ['crashmon', 'slack', 'teams', 'discord'] as const;
/** Message format; `crashmon` is our own, described in docs/webhooks.md. */
export type WebhookPreset = (typeof WEBHOOK_PRESETS)[number];

/** Where messages are posted. The URL is a secret for many services: it never goes into a message or log. */
export type WebhookTarget = {
  url: () => URL;
  /** For display. */
  host: string;
  preset: WebhookPreset;
  /** Signs messages; null: unsigned. */
  secret: (() => string) | null;
  /** Allow private addresses and http. */
  allowPrivate: boolean;
};

export type TargetOptions = {
  /** null: chosen by the host name. */
  preset?: WebhookPreset | null;
  secret?: string | null;
  allowPrivate?: boolean;
};

/** @throws CrashmonError BAD_OPTION; its message contains no part of the URL */
export function parseWebhookTarget(text: string, options: TargetOptions = {}): WebhookTarget {
  const { preset = null, secret = null, allowPrivate = false } = options;
  if (text.length > 2048 || !URL.canParse(text))
    throw bad('expected a URL such as https://hooks.example.com/…');
  const url = new URL(text);
  const isPlain = url.protocol === 'http:';
  if (url.protocol !== 'https:' && !(isPlain && allowPrivate)) {
    throw bad(
      isPlain
        ? 'it must start with https://, unless private networks are allowed'
        : 'it must start with https://',
    );
  }
  if (url.username !== '' || url.password !== '') throw bad('it must not contain a user name or password');
  if (secret !== null && Buffer.byteLength(secret) < 16)
    throw bad('the secret must have at least 16 characters');
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
  return new CrashmonError('BAD_OPTION', `Invalid webhook URL: ${why}.`);
}
