import { readFileSync } from 'node:fs';
import type { Receiver } from '../../uplink/post-logs.ts';
import type { AgentOptions, UplinkOptions } from '../agent-options.ts';

/** A longer file holds no token. */
const MAX_TOKEN = 4096;

/** The receiver of what is sent; a token in a file is read for each request, so that it can be replaced. */
export function receiverOf(
  { endpoint, tokenFile }: UplinkOptions,
  headers: AgentOptions['uplinkHeaders'],
): Receiver {
  return {
    endpoint: new URL(endpoint),
    headers() {
      const token = tokenFile === null ? null : readToken(tokenFile);
      return token === null ? headers : { ...headers, authorization: `Bearer ${token}` };
    },
  };
}

/** null if the file cannot be read or holds no token; the receiver then rejects the request. */
export function readToken(path: string): string | null {
  try {
    const token = readFileSync(path, 'utf8').trim();
    return /^[\x21-\x7e]+$/.test(token) && token.length <= MAX_TOKEN ? token : null;
  } catch {
    return null;
  }
}

/** Is it an address of this machine? */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
