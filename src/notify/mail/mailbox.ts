import { domainToASCII } from 'node:url';
import { CrashmonError } from '../../model/crashmon-error.ts';

/** A mail address that is safe in headers and in SMTP commands. */
export type Mailbox = { name: string | null; address: string };

const LOCAL = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^(?!.{254})[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/;

/**
 * `ops@example.com` or `Operations <ops@example.com>`. Rejects quoted local parts and other rare forms of RFC 5322: only
 * what is understood goes into a header.
 *
 * @throws CrashmonError BAD_OPTION
 */
export function parseMailbox(text: string): Mailbox {
  const named = /^([^<>"]{0,200})<([^<>]{1,320})>$/.exec(text.trim());
  const name = named?.[1]?.trim() ?? '';
  const address = named?.[2] ?? text.trim();
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(0, at));
  const domain = domainToASCII(address.slice(at + 1));
  if (/\p{C}/u.test(text) || local.length > 64 || !LOCAL.test(local) || !DOMAIN.test(domain)) {
    throw new CrashmonError('BAD_OPTION', 'Invalid email address: expected, for example, ops@example.com.');
  }
  return { name: name === '' ? null : name, address: `${local}@${domain}` };
}
