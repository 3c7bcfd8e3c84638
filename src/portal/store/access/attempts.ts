import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { AttemptLimit } from './access-store.ts';

export async function takeAttempt(
  { dialect, reader, writer }: Database,
  key: string,
  limits: readonly AttemptLimit[],
  nowMs: number,
): Promise<number> {
  // A refused attempt must not block other writers.
  const knownWaitMs = await waitOf(reader, key, limits, nowMs);
  if (knownWaitMs > 0) return knownWaitMs;
  return writer.transaction().execute(async (transaction) => {
    // One process at a time counts attempts for a key. SQLite has only one writer.
    if (dialect !== 'sqlite')
      await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
    const waitMs = await waitOf(transaction, key, limits, nowMs);
    if (waitMs === 0)
      await transaction.insertInto('failures').values({ failed_key: key, at: nowMs }).execute();
    return waitMs;
  });
}

async function waitOf(
  database: Pick<Database['reader'], 'selectFrom'>,
  key: string,
  limits: readonly AttemptLimit[],
  nowMs: number,
): Promise<number> {
  const newest = await database
    .selectFrom('failures')
    .select('at')
    .where('failed_key', '=', key)
    .orderBy('at', 'desc')
    .limit(Math.max(...limits.map(({ most }) => most)))
    .execute();
  const waits = limits.map(({ most, withinMs }) => {
    const first = newest[most - 1];
    return first === undefined ? 0 : first.at + withinMs - nowMs;
  });
  return Math.max(0, ...waits);
}
