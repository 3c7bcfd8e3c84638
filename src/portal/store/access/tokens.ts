import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../schema/tables.ts';
import type { AccessStore, IngestToken } from './access-store.ts';

export async function listTokens({ reader }: Database, app: string | '*'): Promise<IngestToken[]> {
  let query = reader.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id');
  if (app !== '*') query = query.where('app', '=', app);
  return (await query.execute()).map(tokenOf);
}

export async function createToken(
  { writer }: Database,
  token: Parameters<AccessStore['createToken']>[0],
): Promise<IngestToken> {
  const row = {
    id: randomBytes(6).toString('hex'),
    app: token.app,
    label: token.label,
    secret_hash: token.secretHash,
    created_at: token.atMs,
    created_by: token.by,
    last_used: null,
    revoked_at: null,
  };
  await writer.insertInto('tokens').values(row).execute();
  return tokenOf(row);
}

export async function readToken({ reader }: Database, secretHash: string): Promise<IngestToken | null> {
  const row = await reader
    .selectFrom('tokens')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst();
  return row === undefined ? null : tokenOf(row);
}

export async function revokeToken({ writer }: Database, id: string, atMs: number): Promise<boolean> {
  const result = await writer
    .updateTable('tokens')
    .set({ revoked_at: atMs })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

const tokenOf = (row: Selectable<Tables['tokens']>): IngestToken => ({
  id: row.id,
  app: row.app,
  label: row.label,
  createdAtMs: row.created_at,
  createdBy: row.created_by,
  lastUsedMs: row.last_used,
  revokedAtMs: row.revoked_at,
});
