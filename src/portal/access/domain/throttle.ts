import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { PortalParts } from '../../portal-parts.ts';
import type { AttemptLimit, AttemptStore } from '../../store/access/access-store.ts';
import { typedName } from './account-name.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Passwords of one account, from all addresses. */
const OF_ACCOUNT: readonly AttemptLimit[] = [
  { most: 5, withinMs: MINUTE_MS },
  { most: 10, withinMs: 15 * MINUTE_MS },
  { most: 20, withinMs: HOUR_MS },
  { most: 50, withinMs: 24 * HOUR_MS },
];
/** Accounts from one address; an office may share it. */
const OF_ADDRESS: readonly AttemptLimit[] = [
  { most: 20, withinMs: MINUTE_MS },
  { most: 300, withinMs: HOUR_MS },
];

/**
 * Counts an attempt before anything is verified, in the store: it holds for all processes of the portal, and for names
 * that do not exist. @returns 0, or how many milliseconds to wait
 */
export async function waitBeforeAttempt(
  { store, now }: PortalParts<AttemptStore>,
  { name, address }: { name: string; address: string },
): Promise<number> {
  const waitMs = await store.takeAttempt(addressKey(address), OF_ADDRESS, now());
  return waitMs > 0 ? waitMs : store.takeAttempt(accountKey(name), OF_ACCOUNT, now());
}

/** After a sign-in. The attempts of the address stay. */
export async function forgetAttempts(
  { store }: Pick<PortalParts<AttemptStore>, 'store'>,
  name: string,
): Promise<void> {
  await store.forgetAttempts(accountKey(name));
}

/** `a minute`, `12 minutes`: for a sentence. */
function waitWords(waitMs: number): string {
  const minutes = Math.ceil(waitMs / MINUTE_MS);
  if (minutes <= 1) return 'a minute';
  if (minutes < 90) return `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}

/** Only a hash of the typed name is stored: some are passwords in the wrong field. */
function accountKey(name: string): string {
  return key('account', typedName(name).toLowerCase());
}

function addressKey(address: string): string {
  return key('address', isIPv6(address) ? network64(address) : address);
}

function key(kind: string, text: string): string {
  return createHash('sha256').update(`${kind}\0${text}`).digest('hex');
}

/** An IPv6 address usually comes with the whole /64 around it. */
function network64(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

export const BUSY_SENTENCE = 'Too many sign-ins at once. Try again in a few seconds.';

export function tooOftenSentence(waitMs: number): string {
  return `Too many attempts. Wait ${waitWords(waitMs)}, then try again.`;
}
