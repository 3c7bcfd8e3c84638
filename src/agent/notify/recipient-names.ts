import type { DeliveryAddress } from '../../notify/delivery-loop.ts';
import type { NotifyOptions } from '../agent-options.ts';

/** The names of recipients in the journal. */
export function recipientNames({ mail, webhook }: Pick<NotifyOptions, 'mail' | 'webhook'>): string[] {
  return [
    ...(mail?.to.map((to) => `mail:${to}`) ?? []),
    ...(webhook === null ? [] : [`webhook:${webhook.host}`]),
  ];
}

export function parseRecipient(name: string): DeliveryAddress {
  const type = name.startsWith('mail:') ? 'mail' : 'webhook';
  return { type, address: name.slice(type.length + 1) };
}

/** As shown: `ops@example.com`, `the webhook at hooks.example.com`. */
export function recipientText(name: string): string {
  const { type, address } = parseRecipient(name);
  return type === 'mail' ? address : `the webhook at ${address}`;
}
