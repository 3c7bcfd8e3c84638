import type { IncomingHttpHeaders } from 'node:http';

/**
 * Does a request that changes something come from our own pages? Browsers say so by `Sec-Fetch-Site`, older ones by
 * `Origin`; what says neither is no browser, and holds no cookie that it was not given.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, ownOrigins: readonly string[]): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  return origin === undefined || ownOrigins.includes(origin);
}
