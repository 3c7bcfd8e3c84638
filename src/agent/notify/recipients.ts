import { readFileSync } from 'node:fs';
import type { Recipient } from '../../notify/deliver.ts';
import { parseSmtpUrl } from '../../notify/mail/smtp-server.ts';
import { parseWebhookTarget } from '../../notify/webhook/webhook-target.ts';
import type { MailTarget, NotifyOptions, NotifySecrets, WebhookOptions } from '../agent-options.ts';

/** A longer file is not a secret. */
const MAX_SECRET = 4096;

/**
 * The receiver of this name.
 * @returns null if it is no longer a recipient
 * @throws CrashmonError BAD_OPTION for an invalid address or secret
 */
export function recipientOf(name: string, options: NotifyOptions, secrets: NotifySecrets): Recipient | null {
  const { mail, webhook } = options;
  if (webhook !== null && name === `webhook:${webhook.host}`) return webhookRecipient(webhook, secrets);
  const to = mail?.to.find((address) => name === `mail:${address}`);
  return mail === null || to === undefined ? null : mailRecipient(mail, to, secrets);
}

export function mailRecipient(mail: MailTarget, to: string, { password }: NotifySecrets): Recipient {
  const { server, from, passwordFile } = mail;
  const user = decodeURIComponent(new URL(server).username);
  const known = passwordFile === null ? password : readSecret(passwordFile);
  const credentials = user === '' || known === null ? null : { user, password: known };
  return { type: 'mail', server: parseSmtpUrl(server, credentials), from, to };
}

export function webhookRecipient(webhook: WebhookOptions, secrets: NotifySecrets): Recipient {
  const { preset, allowPrivate, secretFile } = webhook;
  const secret = secretFile === null ? secrets.webhookSecret : readSecret(secretFile);
  const target = parseWebhookTarget(secrets.webhook ?? '', { preset, allowPrivate, secret });
  return { type: 'webhook', target };
}

/** null if the file has none: the server then says that it is missing. */
function readSecret(path: string): string | null {
  try {
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return secret !== '' && secret.length <= MAX_SECRET ? secret : null;
  } catch {
    return null;
  }
}
