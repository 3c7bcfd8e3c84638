import type { Database } from '../database/database.ts';
import type { Row } from '../schema/tables.ts';
import type { ApiScope, ApiToken, ApiTokenStore } from './access-store.ts';

export async function listApiTokens({ reader }: Database, accountId: string | '*'): Promise<ApiToken[]> {
  let query = reader.selectFrom('api_tokens').selectAll().orderBy('created_at', 'desc').orderBy('id');
  if (accountId !== '*') query = query.where('account_id', '=', accountId);
  return (await query.execute()).map(tokenOf);
}

export async function createApiToken(
  { writer }: Database,
  token: Parameters<ApiTokenStore['createApiToken']>[0],
): Promise<ApiToken> {
  const row = {
    id: token.id,
    name: token.name,
    secret_hash: token.secretHash,
    account_id: token.accountId,
    scopes: token.scopes.join(' '),
    apps: token.apps === null ? null : JSON.stringify(token.apps),
    created_at: token.createdAtMs,
    created_by: token.createdBy,
    expires_at: token.expiresAtMs,
    last_used: null,
    revoked_at: null,
  };
  await writer.insertInto('api_tokens').values(row).execute();
  return tokenOf(row);
}

export async function readApiToken(
  { reader }: Database,
  id: string,
): Promise<(ApiToken & { secretHash: string }) | null> {
  const row = await reader.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : { ...tokenOf(row), secretHash: row.secret_hash };
}

export async function revokeApiToken({ writer }: Database, id: string, atMs: number): Promise<boolean> {
  const result = await writer
    .updateTable('api_tokens')
    .set({ revoked_at: atMs })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

const tokenOf = (row: Row<'api_tokens'>): ApiToken => ({
  id: row.id,
  name: row.name,
  accountId: row.account_id,
  scopes: row.scopes.split(' ') as ApiScope[],
  apps: row.apps === null ? null : (JSON.parse(row.apps) as string[]),
  createdAtMs: row.created_at,
  createdBy: row.created_by,
  expiresAtMs: row.expires_at,
  lastUsedMs: row.last_used,
  revokedAtMs: row.revoked_at,
});
