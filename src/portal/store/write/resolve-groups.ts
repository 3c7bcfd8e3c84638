import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { MOST_VALUES } from '../limits.ts';
import { keyOf } from './batch.ts';
import { shortHash } from './encode.ts';

export type Grouped = { appId: number; app: string; kind: string; signatures: readonly string[] };

const KEPT = 20_000;

/** Which group a value of a signature belongs to; that never changes once it was stored. */
export class KnownGroups {
  readonly #groups = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#groups.get(key);
  }

  /** Only after the transaction that stored them. */
  add(groups: ReadonlyMap<string, string>): void {
    for (const [key, group] of groups) this.#groups.set(key, group);
    for (const key of this.#groups.keys()) {
      if (this.#groups.size <= KEPT) return;
      this.#groups.delete(key);
    }
  }
}

const valuesOf = ({ signatures, kind }: Grouped): string[] =>
  signatures.length === 0 ? [`kind:${kind}`] : [...new Set(signatures.slice(0, MOST_VALUES))];

/**
 * The group of each: the one that any of its values is known for, the newest value first; its other values lead there
 * from now on. So a new version of signatures goes on with the groups that run. Needs the apps' lock.
 */
export async function resolveGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  known: KnownGroups,
  items: readonly Grouped[],
): Promise<{ groups: string[]; learnt: Map<string, string> }> {
  const learnt = new Map<string, string>();
  const wanted = new Map<string, Cell[]>();
  for (const item of items) {
    for (const value of valuesOf(item)) {
      const key = keyOf(item.appId, value);
      if (known.get(key) === undefined) wanted.set(key, [item.appId, value]);
    }
  }
  if (wanted.size > 0) {
    const rows = jsonRows(dialect, { app_id: 'int', value: 'text' }, [...wanted.values()]);
    const found = await sql<{ app_id: number; value: string; signature: string }>`
      select a.app_id, a.value, a.signature from ${rows} as r
      join aliases as a on a.app_id = r.app_id and a.value = r.value`.execute(transaction);
    for (const { app_id, value, signature } of found.rows) learnt.set(keyOf(app_id, value), signature);
  }
  const added: Cell[][] = [];
  const groups = items.map((item) => {
    const values = valuesOf(item).map((value) => ({ value, key: keyOf(item.appId, value) }));
    const groupOf = (key: string) => learnt.get(key) ?? known.get(key);
    const group =
      values.map(({ key }) => groupOf(key)).find((found) => found !== undefined) ??
      shortHash(item.app, values[0]?.value ?? item.kind);
    for (const { value, key } of values) {
      if (groupOf(key) !== undefined) continue;
      learnt.set(key, group);
      added.push([item.appId, value, group]);
    }
    return group;
  });
  if (added.length > 0) {
    const rows = jsonRows(dialect, { app_id: 'int', value: 'text', signature: 'text' }, added);
    await sql`insert into aliases (app_id, value, signature) select r.app_id, r.value, r.signature from ${rows} as r
      where true on conflict (app_id, value) do nothing`.execute(transaction);
  }
  return { groups, learnt };
}
