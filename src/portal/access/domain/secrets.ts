import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits, fit for cookies and addresses. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Has it the shape of `newSecret`? What has not is never looked up. */
export function isSecret(text: unknown): text is string {
  return typeof text === 'string' && SECRET.test(text);
}

/** What the store keeps of any secret: SHA-256, hex. No stretching, since there is nothing to guess in 256 random bits. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Takes equally long wherever the difference is. */
export function equalSecrets(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
