import type { PortalParts } from '../../portal-parts.ts';
import type { AuditStore, IngestToken, TokenStore } from '../../store/access/access-store.ts';
import { newIngestToken } from './ingest-token.ts';

/** A new write-only token of an app. Only the hash of `secret` is stored. */
export async function createIngestToken(
  { store, now }: Pick<PortalParts<TokenStore & AuditStore>, 'store' | 'now'>,
  { app, label, by }: { app: string; label: string; by: string },
): Promise<IngestToken & { secret: string }> {
  const { token: secret, secretHash } = newIngestToken();
  const atMs = now();
  const token = await store.createToken({ app, label, secretHash, by, atMs });
  await store.audit({ atMs, who: by, what: 'token-created', app, detail: describeToken(token) });
  return { ...token, secret };
}

/** @returns was there one that was not revoked already? */
export async function revokeIngestToken(
  { store, now }: Pick<PortalParts<TokenStore & AuditStore>, 'store' | 'now'>,
  token: IngestToken,
  by: string,
): Promise<boolean> {
  const atMs = now();
  const isRevoked = await store.revokeToken(token.id, atMs);
  if (isRevoked)
    await store.audit({ atMs, who: by, what: 'token-revoked', app: token.app, detail: describeToken(token) });
  return isRevoked;
}

function describeToken({ id, label }: IngestToken): string {
  return label === '' ? id : `${id} (${label})`;
}
