import { sql } from 'kysely';
import { deleteEmpty, earliest, fromRows, latest, plus, upsertRows } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import { COUNTED, type CountedDimension, floorTo, keptMsOf, MINUTE_MS } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import type { StoredCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

export type Counted = Pick<StoredCrash, 'appId' | 'atMs' | 'instance' | 'version' | 'group' | 'cause'>;

/** Adds up how a batch changes the counts, so that each row is written once. */
export class Tally {
  readonly #nowMs: number;
  readonly #retentionMs: number;
  readonly #counts = new Map<string, Row<'counts'>>();
  readonly #versions = new Map<string, Row<'signature_versions'>>();
  readonly #instances = new Map<string, Row<'signature_instances'>>();

  constructor(nowMs: number, retentionMs: number) {
    this.#nowMs = nowMs;
    this.#retentionMs = retentionMs;
  }

  /** A new crash. */
  add(crash: Counted): void {
    this.#count(crash, 'a', '', 1);
    this.#count(crash, 'i', crash.instance, 1);
    this.#countGroup(crash, 1);
  }

  /** A crash that was counted before, and now has another group and cause. */
  move(crash: Counted, before: Pick<Counted, 'group' | 'cause'>): void {
    this.#countGroup({ ...crash, ...before }, -1);
    this.#countGroup(crash, 1);
  }

  #countGroup(crash: Counted, n: 1 | -1): void {
    const { appId, group: signature, instance } = crash;
    this.#count(crash, 's', signature, n);
    this.#count(crash, 'c', crash.cause, n);
    const version = crash.version ?? '';
    // Only added crashes have times: removing one leaves the stored times as they are.
    const firstMs = n > 0 ? crash.atMs : Number.MAX_SAFE_INTEGER;
    const lastMs = n > 0 ? crash.atMs : 0;
    const ofVersion = rowFor(this.#versions, keyOf(appId, signature, version), () => ({
      ...{ app_id: appId, signature, version, n: 0, first_seen: firstMs, last_seen: lastMs },
    }));
    ofVersion.n += n;
    ofVersion.first_seen = Math.min(ofVersion.first_seen, firstMs);
    ofVersion.last_seen = Math.max(ofVersion.last_seen, lastMs);
    const ofInstance = rowFor(this.#instances, keyOf(appId, signature, instance), () => ({
      ...{ app_id: appId, signature, instance, n: 0, last_seen: lastMs },
    }));
    ofInstance.n += n;
    ofInstance.last_seen = Math.max(ofInstance.last_seen, lastMs);
  }

  #count({ appId, atMs }: Counted, dimension: CountedDimension, key: string, n: 1 | -1): void {
    for (const counted of COUNTED[dimension]) {
      // Times whose counts are deleted already are not counted.
      if (atMs < this.#nowMs - keptMsOf(counted, this.#retentionMs)) continue;
      const { step } = counted;
      const at = floorTo(atMs, step * MINUTE_MS);
      const row = rowFor(this.#counts, keyOf(appId, dimension, step, at, key), () => ({
        ...{ app_id: appId, dimension, step, at, key, n: 0 },
      }));
      row.n += n;
    }
  }

  async store(context: WriteContext): Promise<void> {
    await this.#storeCounts(context);
    await this.#storeVersions(context);
    await this.#storeInstances(context);
  }

  async #storeCounts({ dialect, transaction }: WriteContext): Promise<void> {
    const rows = changed(this.#counts);
    if (rows.length === 0) return;
    await upsertRows(dialect, 'counts', rows, [plus('n')]).execute(transaction);
    await deleteEmpty(dialect, transaction, 'counts', rows);
  }

  async #storeVersions({ dialect, transaction }: WriteContext): Promise<void> {
    const rows = changed(this.#versions);
    if (rows.length === 0) return;
    const changes = [plus('n'), earliest('first_seen'), latest('last_seen')];
    await upsertRows(dialect, 'signature_versions', rows, changes).execute(transaction);
    await deleteEmpty(dialect, transaction, 'signature_versions', rows);
  }

  async #storeInstances({ dialect, transaction }: WriteContext): Promise<void> {
    const rows = changed(this.#instances);
    if (rows.length === 0) return;
    const stored = await sql<Omit<Row<'signature_instances'>, 'last_seen'>>`
      ${upsertRows(dialect, 'signature_instances', rows, [plus('n'), latest('last_seen')])}
      returning app_id, signature, instance, n`.execute(transaction);
    await deleteEmpty(dialect, transaction, 'signature_instances', rows);
    const groups = new Map<string, Pick<Row<'signatures'>, 'app_id' | 'id' | 'instances'>>();
    for (const { app_id, signature, instance, n } of stored.rows) {
      const change = this.#instances.get(keyOf(app_id, signature, instance))?.n ?? 0;
      const isFirst = n > 0 && n === change;
      const isGone = n <= 0 && n !== change;
      if (!isFirst && !isGone) continue;
      const group = rowFor(groups, keyOf(app_id, signature), () => ({ app_id, id: signature, instances: 0 }));
      group.instances += isFirst ? 1 : -1;
    }
    const changes = inOrder(groups).filter(({ instances }) => instances !== 0);
    if (changes.length === 0) return;
    await sql`update signatures set instances = signatures.instances + r.instances
      ${fromRows(dialect, 'signatures', changes)}`.execute(transaction);
  }
}

function rowFor<Row>(rows: Map<string, Row>, key: string, create: () => Row): Row {
  const known = rows.get(key);
  if (known !== undefined) return known;
  const created = create();
  rows.set(key, created);
  return created;
}

/** By key, so that no two transactions wait for each other. */
const inOrder = <Row>(rows: ReadonlyMap<string, Row>): Row[] =>
  [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);

const changed = <Row extends { n: number }>(rows: ReadonlyMap<string, Row>): Row[] =>
  inOrder(rows).filter(({ n }) => n !== 0);
