import { createHash } from 'node:crypto';
import { composeMessage } from '../message/compose-message.ts';
import { linkable } from '../message/one-line.ts';
import type { Notification } from '../notification.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';

/** A mail that can be sent repeatedly: the same notification gives the same mail with the same Message-ID. */
export type Mail = {
  /** `from` receives bounces (`''`: a null return path, no bounces); `to` receives the mail. */
  envelope: { from: string; to: string[] };
  from: Mailbox;
  to: Mailbox[];
  subject: string;
  text: string;
  html: string;
  /** In angle brackets, as `references`. */
  messageId: string;
  /** The first mail of the same episode; null for that one. */
  inReplyTo: string | null;
  atMs: number;
  headers: Readonly<Record<string, string>>;
};

export type MailOptions = {
  /** `Crashmon <crashmon@example.com>` */
  from: string;
  to: readonly string[];
  /**
   * Address for bounces; `''` for none. Defaults to the address of `from`, since many servers reject a null return path
   * from programs.
   */
  returnPath?: string;
  /** One-click unsubscribe by POST (RFC 8058); https only. */
  unsubscribeUrl?: string | null;
};

/** @throws CrashmonError BAD_OPTION for an invalid address */
export function composeMail(notification: Notification, options: MailOptions): Mail {
  const message = composeMessage(notification);
  const from = parseMailbox(options.from);
  const to = options.to.map(parseMailbox);
  const { returnPath = from.address } = options;
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const root = rootKind(notification);
  return {
    envelope: {
      from: returnPath === '' ? '' : parseMailbox(returnPath).address,
      to: [...new Set(to.map(({ address }) => address))],
    },
    from,
    to,
    subject: message.subject,
    text: mailText(message),
    html: mailHtml(message),
    messageId: messageId(notification, notification.kind, domain),
    inReplyTo: root === notification.kind ? null : messageId(notification, root, domain),
    atMs: notification.atMs,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...unsubscribeHeaders(options.unsubscribeUrl ?? null, notification.settingsUrl),
    },
  };
}

/** The kind of the first notification of an episode. */
function rootKind(notification: Notification): Notification['kind'] {
  if (notification.kind === 'digest' || notification.kind === 'test') return notification.kind;
  return notification.returned === null ? 'opened' : 'returned';
}

function messageId(notification: Notification, kind: Notification['kind'], domain: string): string {
  const once =
    notification.kind === 'digest' || notification.kind === 'test'
      ? String(notification.atMs)
      : notification.episodeId;
  // Hashed, since untrusted names do not belong in a header.
  const hash = createHash('sha256')
    .update(JSON.stringify([notification.app, once]))
    .digest('hex')
    .slice(0, 32);
  return `<crashmon.${kind}.${hash}@${domain}>`;
}

function unsubscribeHeaders(url: string | null, settingsUrl: string | null): Record<string, string> {
  const oneClick = linkable(url);
  if (oneClick?.startsWith('https:')) {
    return { 'List-Unsubscribe': `<${oneClick}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  }
  const page = oneClick ?? linkable(settingsUrl);
  return page === null ? {} : { 'List-Unsubscribe': `<${page}>` };
}
