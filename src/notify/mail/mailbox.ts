import { domainToASCII } from 'node:url';
import { CrashmonError } from '../../model/crashmon-error.ts';

/** Somebody's address, as it may stand in a header and on the line to a server. */
export type Mailbox = { name: string | null; address: string };

const LOCAL = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^(?!.{254})[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/;

/**
 * `ops@example.com` or `Operations <ops@example.com>`. Quoted local parts and other rarities of RFC 5322 are refused:
 * what is not understood goes into no header.
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
    throw new CrashmonError('BAD_OPTION', 'That is no mail address: it is to be like ops@example.com.');
  }
  return { name: name === '' ? null : name, address: `${local}@${domain}` };
}
