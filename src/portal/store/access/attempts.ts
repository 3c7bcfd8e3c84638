import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { AttemptLimit } from '../portal-store.ts';

export async function takeAttempt(
  { dialect, writer }: Database,
  key: string,
  limits: readonly AttemptLimit[],
  nowMs: number,
): Promise<number> {
  return writer.transaction().execute(async (transaction) => {
    // The key's attempts are counted by one at a time. SQLite has one writer anyway.
    if (dialect === 'postgres')
      await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
    const newest = await transaction
      .selectFrom('failures')
      .select('at')
      .where('failed_key', '=', key)
      .orderBy('at', 'desc')
      .limit(Math.max(...limits.map(({ most }) => most)))
      .execute();
    const waits = limits.map(({ most, withinMs }) => {
      const last = newest[most - 1];
      return last === undefined ? 0 : last.at + withinMs - nowMs;
    });
    const waitMs = Math.max(0, ...waits);
    if (waitMs === 0)
      await transaction.insertInto('failures').values({ failed_key: key, at: nowMs }).execute();
    return waitMs;
  });
}
