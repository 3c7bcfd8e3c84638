import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../schema/tables.ts';
import type { AccessStore, Account, Session } from './access-store.ts';
import { readAccount } from './accounts.ts';

/** `last_seen` is updated only this often, not for each request. */
const SEEN_EVERY_MS = 60_000;
const MOST_USER_AGENT = 300;

export async function createSession(
  { writer }: Database,
  session: Parameters<AccessStore['createSession']>[0],
): Promise<void> {
  await writer
    .insertInto('sessions')
    .values({
      id: randomUUID(),
      secret_hash: session.secretHash,
      account_id: session.accountId,
      created_at: session.atMs,
      last_seen: session.atMs,
      expires_at: session.expiresAtMs,
      user_agent: session.userAgent.slice(0, MOST_USER_AGENT),
    })
    .execute();
}

export async function readSession(
  database: Database,
  secretHash: string,
  nowMs: number,
  idleMs: number,
): Promise<Session | null> {
  const row = await database.reader
    .selectFrom('sessions')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .where('expires_at', '>', nowMs)
    .where('last_seen', '>=', nowMs - idleMs)
    .executeTakeFirst();
  if (row === undefined) return null;
  const account = await readAccount(database, row.account_id);
  if (account === null) return null;
  if (nowMs - row.last_seen >= SEEN_EVERY_MS) {
    const noting = database.writer
      .updateTable('sessions')
      .set({ last_seen: nowMs })
      .where('id', '=', row.id)
      .execute();
    // Pages still work if the database cannot be written, for example on a full disk.
    await noting.catch(() => {});
  }
  return sessionOf(row, account);
}

export async function listSessions(database: Database, accountId: string, nowMs: number): Promise<Session[]> {
  const account = await readAccount(database, accountId);
  if (account === null) return [];
  const rows = await database.reader
    .selectFrom('sessions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('expires_at', '>', nowMs)
    .orderBy('last_seen', 'desc')
    .execute();
  return rows.map((row) => sessionOf(row, account));
}

const sessionOf = (row: Selectable<Tables['sessions']>, account: Account): Session => ({
  id: row.id,
  account,
  createdAtMs: row.created_at,
  lastSeenMs: row.last_seen,
  userAgent: row.user_agent,
});
