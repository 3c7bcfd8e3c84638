import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { COUNTED, type CountedDimension, floorTo, keptMsOf, MINUTE_MS } from '../limits.ts';
import { keyOf } from './batch.ts';

/** What of a crash is counted. */
export type Counted = {
  appId: number;
  atMs: number;
  instance: string;
  version: string | null;
  signature: string;
  cause: string;
};

type Sum = { cells: Cell[]; n: number; firstMs: number; lastMs: number };

/** Adds up what a batch changes of the counts, so that each row is written once. */
export class Tally {
  readonly #nowMs: number;
  readonly #retentionMs: number;
  readonly #counts = new Map<string, Sum>();
  readonly #versions = new Map<string, Sum>();
  readonly #instances = new Map<string, Sum>();

  constructor(nowMs: number, retentionMs: number) {
    this.#nowMs = nowMs;
    this.#retentionMs = retentionMs;
  }

  /** A crash that is new. */
  add(crash: Counted): void {
    this.#count(crash, 'a', '', 1);
    this.#count(crash, 'i', crash.instance, 1);
    this.#addGroup(crash, 1);
  }

  /** The same crash, before and after its capture. */
  move(from: Counted, to: Counted): void {
    this.#addGroup(from, -1);
    this.#addGroup(to, 1);
  }

  #addGroup(crash: Counted, n: 1 | -1): void {
    this.#count(crash, 's', crash.signature, n);
    this.#count(crash, 'c', crash.cause, n);
    sum(this.#versions, [crash.appId, crash.signature, crash.version ?? ''], n, crash.atMs);
    sum(this.#instances, [crash.appId, crash.signature, crash.instance], n, crash.atMs);
  }

  #count(crash: Counted, dimension: CountedDimension, key: string, n: 1 | -1): void {
    for (const counted of COUNTED[dimension]) {
      // What would be deleted at once is not counted, nor taken from what was deleted.
      if (crash.atMs < this.#nowMs - keptMsOf(counted, this.#retentionMs)) continue;
      const { step } = counted;
      const at = floorTo(crash.atMs, step * MINUTE_MS);
      sum(this.#counts, [crash.appId, dimension, step, at, key], n, crash.atMs);
    }
  }

  async store(dialect: DialectName, transaction: WriteTransaction): Promise<void> {
    await this.#storeCounts(dialect, transaction);
    await this.#storeVersions(dialect, transaction);
    await this.#storeInstances(dialect, transaction);
  }

  async #storeCounts(dialect: DialectName, transaction: WriteTransaction): Promise<void> {
    const sums = changed(this.#counts);
    if (sums.length === 0) return;
    const columns = {
      app_id: 'int',
      dimension: 'text',
      step: 'int',
      at: 'int',
      key: 'text',
      n: 'int',
    } as const;
    const rows = jsonRows(
      dialect,
      columns,
      sums.map(({ cells, n }) => [...cells, n]),
    );
    await sql`insert into counts (app_id, dimension, step, at, key, n)
      select r.app_id, r.dimension, r.step, r.at, r.key, r.n from ${rows} as r where true
      on conflict (app_id, dimension, step, at, key) do update set n = counts.n + excluded.n`.execute(
      transaction,
    );
    const fewer = sums.filter(({ n }) => n < 0);
    if (fewer.length === 0) return;
    const lessened = jsonRows(
      dialect,
      columns,
      fewer.map(({ cells, n }) => [...cells, n]),
    );
    await sql`delete from counts where n <= 0 and (app_id, dimension, step, at, key) in
      (select r.app_id, r.dimension, r.step, r.at, r.key from ${lessened} as r)`.execute(transaction);
  }

  async #storeVersions(dialect: DialectName, transaction: WriteTransaction): Promise<void> {
    const sums = changed(this.#versions);
    if (sums.length === 0) return;
    const columns = {
      app_id: 'int',
      signature: 'text',
      version: 'text',
      n: 'int',
      first_seen: 'int',
      last_seen: 'int',
    } as const;
    const cells = sums.map(({ cells, n, firstMs, lastMs }) => [...cells, n, firstMs, lastMs]);
    await sql`insert into signature_versions as t (app_id, signature, version, n, first_seen, last_seen)
      select r.app_id, r.signature, r.version, r.n, r.first_seen, r.last_seen
      from ${jsonRows(dialect, columns, cells)} as r where true
      on conflict (app_id, signature, version) do update set n = t.n + excluded.n,
        first_seen = case when excluded.first_seen < t.first_seen then excluded.first_seen else t.first_seen end,
        last_seen = case when excluded.last_seen > t.last_seen then excluded.last_seen else t.last_seen end`.execute(
      transaction,
    );
    if (!sums.some(({ n }) => n < 0)) return;
    await sql`delete from signature_versions where n <= 0 and (app_id, signature, version) in
      (select r.app_id, r.signature, r.version from ${jsonRows(dialect, columns, cells)} as r)`.execute(
      transaction,
    );
  }

  async #storeInstances(dialect: DialectName, transaction: WriteTransaction): Promise<void> {
    const sums = changed(this.#instances);
    if (sums.length === 0) return;
    const columns = {
      app_id: 'int',
      signature: 'text',
      instance: 'text',
      n: 'int',
      last_seen: 'int',
    } as const;
    const cells = sums.map(({ cells, n, lastMs }) => [...cells, n, lastMs]);
    const after = await sql<{ app_id: number; signature: string; instance: string; n: number }>`
      insert into signature_instances as t (app_id, signature, instance, n, last_seen)
      select r.app_id, r.signature, r.instance, r.n, r.last_seen
      from ${jsonRows(dialect, columns, cells)} as r where true
      on conflict (app_id, signature, instance) do update set n = t.n + excluded.n,
        last_seen = case when excluded.last_seen > t.last_seen then excluded.last_seen else t.last_seen end
      returning app_id, signature, instance, n`.execute(transaction);
    const groups = new Map<string, Sum>();
    for (const { app_id, signature, instance, n } of after.rows) {
      const change = this.#instances.get(keyOf(app_id, signature, instance))?.n ?? 0;
      // It is the group's first crash there, or was its last.
      if (n > 0 && n === change) sum(groups, [app_id, signature], 1, 0);
      else if (n <= 0 && n !== change) sum(groups, [app_id, signature], -1, 0);
    }
    if (sums.some(({ n }) => n < 0)) {
      await sql`delete from signature_instances where n <= 0 and (app_id, signature, instance) in
        (select r.app_id, r.signature, r.instance from ${jsonRows(dialect, columns, cells)} as r)`.execute(
        transaction,
      );
    }
    const changes = changed(groups).map(({ cells, n }) => [...cells, n]);
    if (changes.length === 0) return;
    const rows = jsonRows(dialect, { app_id: 'int', id: 'text', n: 'int' }, changes);
    await sql`update signatures set instances = signatures.instances + r.n from ${rows} as r
      where signatures.app_id = r.app_id and signatures.id = r.id`.execute(transaction);
  }
}

function sum(sums: Map<string, Sum>, cells: (string | number)[], n: number, atMs: number): void {
  const key = keyOf(...cells);
  const known = sums.get(key);
  // The times are of what is added; what is taken away leaves them as they are.
  const [firstMs, lastMs] = n > 0 ? [atMs, atMs] : [Number.MAX_SAFE_INTEGER, 0];
  if (known === undefined) sums.set(key, { cells, n, firstMs, lastMs });
  else {
    known.n += n;
    known.firstMs = Math.min(known.firstMs, firstMs);
    known.lastMs = Math.max(known.lastMs, lastMs);
  }
}

/** In the order of their keys, so that no two transactions wait for each other. */
const changed = (sums: ReadonlyMap<string, Sum>): Sum[] =>
  [...sums.entries()]
    .filter(([, { n }]) => n !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
