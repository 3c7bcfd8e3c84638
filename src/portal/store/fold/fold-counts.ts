import { sql } from 'kysely';
import type { WriteTransaction } from '../database/database.ts';
import { merge, plus } from '../database/write-rows.ts';
import { COUNTED, type CountedDimension, floorTo, MINUTE_MS } from '../limits.ts';

/** Moves the counts of some keys to another key. The times are of their first and last crash. */
export async function foldCounts(
  transaction: WriteTransaction,
  fold: {
    appId: number;
    dimension: CountedDimension;
    keys: readonly string[];
    into: string;
    firstMs: number;
    lastMs: number;
  },
): Promise<void> {
  const { appId, dimension, keys, into, firstMs, lastMs } = fold;
  for (const { step } of COUNTED[dimension]) {
    // Only the counts of that time are read: the key of the table begins with it.
    const counted = sql`app_id = ${appId} and dimension = ${dimension} and step = ${step}
      and at >= ${floorTo(firstMs, step * MINUTE_MS)} and at <= ${lastMs} and key in (${sql.join(keys)})`;
    await sql`insert into counts as t (app_id, dimension, step, at, key, n)
      select app_id, dimension, step, at, ${into}, cast(sum(n) as bigint) from counts where ${counted}
      group by app_id, dimension, step, at
      ${merge('counts', [plus('n')])}`.execute(transaction);
    await sql`delete from counts where ${counted}`.execute(transaction);
  }
}
