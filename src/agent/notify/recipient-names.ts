import type { NotifyOptions } from '../agent-options.ts';

/** The names by which the journal knows who is told. */
export function recipientNames({ mail, webhook }: Pick<NotifyOptions, 'mail' | 'webhook'>): string[] {
  return [
    ...(mail?.to.map((to) => `mail:${to}`) ?? []),
    ...(webhook === null ? [] : [`webhook:${webhook.host}`]),
  ];
}

/** The same for people: `ops@example.com`, `the webhook at hooks.example.com`. */
export function recipientText(name: string): string {
  const [, type, rest] = /^(\w+):(.*)$/s.exec(name) ?? [];
  return type === 'mail' && rest !== undefined ? rest : `the webhook at ${rest ?? name}`;
}
