import { sql } from 'kysely';
import type { WriteTransaction } from './database/database.ts';
import { COUNTED, type CountedDimension, floorTo, MINUTE_MS } from './limits.ts';

/** Adds what was counted by some keys to another key. The times are of the first and the last that they counted. */
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
    // The key of the table begins with the time: only the counts of that time are looked at.
    const counted = sql`app_id = ${appId} and dimension = ${dimension} and step = ${step}
      and at >= ${floorTo(firstMs, step * MINUTE_MS)} and at <= ${lastMs} and key in (${sql.join(keys)})`;
    await sql`insert into counts (app_id, dimension, step, at, key, n)
      select app_id, dimension, step, at, ${into}, cast(sum(n) as bigint) from counts where ${counted}
      group by app_id, dimension, step, at
      on conflict (app_id, dimension, step, at, key) do update set n = counts.n + excluded.n`.execute(
      transaction,
    );
    await sql`delete from counts where ${counted}`.execute(transaction);
  }
}
