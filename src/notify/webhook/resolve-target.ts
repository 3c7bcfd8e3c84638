import { lookup as lookupName } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

export type Address = { address: string; family: number };

/** All addresses of a name. */
export type Lookup = (hostname: string) => Promise<readonly Address[]>;

export const systemLookup: Lookup = (hostname) => lookupName(hostname, { all: true, verbatim: true });

/** Addresses checked per name; no honest name has more. */
const MAX_ADDRESSES = 32;

/**
 * The addresses of a URL's host if all of them are allowed. One forbidden address rejects the whole name: it is a
 * mistake or an attack.
 *
 * @returns null if rejected
 */
export async function resolveTarget(
  url: URL,
  allowPrivate: boolean,
  lookup: Lookup,
): Promise<readonly Address[] | null> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(host);
  const found = family === 0 ? await lookup(host) : [{ address: host, family }];
  const addresses = found.filter(({ address }) => isIP(address) !== 0).slice(0, MAX_ADDRESSES + 1);
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  if (addresses.length > MAX_ADDRESSES) return null;
  return allowPrivate || addresses.every(({ address }) => isPublicAddress(address)) ? addresses : null;
}
