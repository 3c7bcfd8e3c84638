import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ApiToken } from '../../store/access/access-store.ts';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
/** 256 random bits: too many to guess, so a fast hash at rest is enough. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const SHAPE = /^cmr_([0-9A-Za-z]{8})[0-9A-Za-z]{49}$/;

/** A token as it was sent. */
export type SentApiToken = { id: string; secretHash: string };

/**
 * `cmr_`, then an ID that pages show, a secret, and a checksum by which secret scanners recognize a token:
 * CRC-32 of all before it. Letters and digits only, so that a double click selects it. Only the hash is stored.
 */
export function newApiToken(): SentApiToken & { token: string } {
  const id = randomLetters(ID_LENGTH);
  const body = `cmr_${id}${randomLetters(SECRET_LENGTH)}`;
  const token = `${body}${checksumOf(body)}`;
  return { id, token, secretHash: hashOf(token) };
}

/** null for what cannot be a token, which is never looked up. */
export function parseApiToken(text: string): SentApiToken | null {
  const id = SHAPE.exec(text)?.[1];
  if (id === undefined) return null;
  const body = text.slice(0, -CHECKSUM_LENGTH);
  return checksumOf(body) === text.slice(-CHECKSUM_LENGTH) ? { id, secretHash: hashOf(text) } : null;
}

export type GivenApiToken =
  | { where: 'header'; token: SentApiToken | null }
  /** Addresses are kept in logs and histories. */
  | { where: 'address'; token: SentApiToken | null };

/** What a request brings along that looks like an API token; null if nothing does. Other credentials are those of a proxy. */
export function givenApiToken(authorization: string | undefined, url: string): GivenApiToken | null {
  const inAddress = /cmr_[0-9A-Za-z]{40,}/.exec(url)?.[0];
  if (inAddress !== undefined) return { where: 'address', token: parseApiToken(inAddress) };
  const inHeader = /^bearer +(cmr_.*)$/i.exec(authorization ?? '')?.[1];
  return inHeader === undefined ? null : { where: 'header', token: parseApiToken(inHeader) };
}

/** `cmr_3fK9aZ1q (Grafana)`: names a token without its secret. */
export function apiTokenWords({ id, name }: Pick<ApiToken, 'id' | 'name'>): string {
  return `cmr_${id}… (${name})`;
}

/** SHA-256 of the whole token, hex. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function randomLetters(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

function checksumOf(body: string): string {
  let rest = crc32(body);
  let checksum = '';
  while (checksum.length < CHECKSUM_LENGTH) {
    checksum = `${LETTERS[rest % LETTERS.length]}${checksum}`;
    rest = Math.floor(rest / LETTERS.length);
  }
  return checksum;
}
