import { createHash, randomBytes } from 'node:crypto';

/** Too many to guess, so a fast hash at rest is enough. */
const SECRET_BYTES = 32;
const TOKEN = /^cmt_[\w-]{43}$/;

/** A new write-only token of an app; only the hash is stored, so it is shown once. */
export function newIngestToken(): { token: string; secretHash: string } {
  const token = `cmt_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { token, secretHash: hashOfToken(token) };
}

/** SHA-256 of the whole token, hex. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The token of an `Authorization` header; null where there is none that could be one. */
export function tokenOfHeader(authorization: string | undefined): string | null {
  const token = /^bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return TOKEN.test(token) ? token : null;
}
