import { type Kysely, sql } from 'kysely';
import { DAY_MS, floorTo } from '../limits.ts';
import { MIGRATION_LOCK } from '../schema/migrate.ts';
import type { Tables } from '../schema/tables.ts';

const LENGTH_MS = 7 * DAY_MS;
const NAME = /^crashes_from_(\d+)$/;

/** PostgreSQL: one table per week of crashes, so that old ones are dropped as a whole. Safe with several portals. */
export class CrashPartitions {
  readonly #writer: Kysely<Tables>;
  #known = new Set<number>();

  constructor(writer: Kysely<Tables>) {
    this.#writer = writer;
  }

  /** Those that exist are looked up again. */
  forget(): void {
    this.#known = new Set();
  }

  /** The caller limits the range. */
  async makeFor(fromMs: number, toMs: number): Promise<void> {
    const known = this.#known;
    const missing: number[] = [];
    for (let start = floorTo(fromMs, LENGTH_MS); start <= toMs; start += LENGTH_MS) {
      if (!known.has(start)) missing.push(start);
    }
    if (missing.length === 0) return;
    await this.#writer.transaction().execute(async (transaction) => {
      await lock(transaction);
      const there = new Set(await listed(transaction));
      for (const start of missing) {
        if (there.has(start)) continue;
        const name = sql.table(`crashes_from_${start}`);
        await sql`create table ${name} partition of crashes
          for values from (${sql.lit(start)}) to (${sql.lit(start + LENGTH_MS)})`.execute(transaction);
      }
    });
    if (known === this.#known) for (const start of missing) known.add(start);
  }

  /** @returns was there one? */
  async dropOneBefore(beforeMs: number): Promise<boolean> {
    const dropped = await this.#writer.transaction().execute(async (transaction) => {
      await lock(transaction);
      const oldest = (await listed(transaction)).find((start) => start + LENGTH_MS <= beforeMs);
      if (oldest === undefined) return null;
      await sql`drop table ${sql.table(`crashes_from_${oldest}`)}`.execute(transaction);
      return oldest;
    });
    if (dropped !== null) this.#known.delete(dropped);
    return dropped !== null;
  }
}

const lock = (transaction: Kysely<Tables>) =>
  sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);

/** Start times of the partitions, oldest first. */
async function listed(transaction: Kysely<Tables>): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`select child.relname as name from pg_inherits
    join pg_class as child on child.oid = pg_inherits.inhrelid
    where pg_inherits.inhparent = 'crashes'::regclass`.execute(transaction);
  return rows
    .map(({ name }) => Number(NAME.exec(name)?.[1] ?? Number.NaN))
    .filter((start) => !Number.isNaN(start))
    .toSorted((a, b) => a - b);
}
