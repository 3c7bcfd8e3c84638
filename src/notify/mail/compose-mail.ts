import { createHash } from 'node:crypto';
import { composeMessage } from '../message/compose-message.ts';
import { linkable } from '../message/one-line.ts';
import type { Notice } from '../notice.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';

/** A mail that can be sent repeatedly: the same notice gives the same mail with the same Message-ID. */
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
export function composeMail(notice: Notice, options: MailOptions): Mail {
  const message = composeMessage(notice);
  const from = parseMailbox(options.from);
  const to = options.to.map(parseMailbox);
  const { returnPath = from.address } = options;
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const root = rootKind(notice);
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
    messageId: messageId(notice, notice.kind, domain),
    inReplyTo: root === notice.kind ? null : messageId(notice, root, domain),
    atMs: notice.atMs,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...unsubscribeHeaders(options.unsubscribeUrl ?? null, notice.settingsUrl),
    },
  };
}

/** The kind of the first notice of an episode. */
function rootKind(notice: Notice): Notice['kind'] {
  if (notice.kind === 'digest' || notice.kind === 'test') return notice.kind;
  return notice.returned === null ? 'opened' : 'returned';
}

function messageId(notice: Notice, kind: Notice['kind'], domain: string): string {
  const once = notice.kind === 'digest' || notice.kind === 'test' ? String(notice.atMs) : notice.episodeId;
  // Hashed, since untrusted names do not belong in a header.
  const hash = createHash('sha256')
    .update(JSON.stringify([notice.app, once]))
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
