import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { MOST_VALUES, OTHER_GROUP } from '../limits.ts';
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

  /** Of groups that were folded: their values have no group any more. */
  forget(appId: number, groups: ReadonlySet<string>): void {
    const prefix = `[${appId},`;
    for (const [key, group] of this.#groups) {
      if (key.startsWith(prefix) && groups.has(group)) this.#groups.delete(key);
    }
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

/** For how many more groups, and values that lead to groups, an app has room. */
type Room = { groups: number; values: number };

/** A group has up to `MOST_VALUES` values, and a crash without its stack another. */
const VALUES_A_GROUP = 8;

async function roomOf(
  transaction: WriteTransaction,
  appIds: ReadonlySet<number>,
  limit: number,
): Promise<Map<number, Room>> {
  const room = new Map<number, Room>();
  for (const appId of appIds) {
    const { rows } = await sql<{ groups: number; known: number }>`select
      (select count(*) from signatures where app_id = ${appId}) as groups,
      (select count(*) from aliases where app_id = ${appId}) as known`.execute(transaction);
    const { groups = 0, known = 0 } = rows[0] ?? {};
    room.set(appId, { groups: limit - groups, values: VALUES_A_GROUP * limit - known });
  }
  return room;
}

function takeRoom(room: Room | undefined, values: number): boolean {
  if (room === undefined || room.groups <= 0 || room.values < values) return false;
  room.groups--;
  room.values -= values;
  return true;
}

/**
 * The group of each: the one that any of its values is known for, the newest value first; its other values lead there
 * from now on. So a new version of signatures goes on with the groups that run. Where the app has no room for another
 * group, it is `OTHER_GROUP`. Needs the apps' lock.
 */
export async function resolveGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  remembered: KnownGroups,
  items: readonly Grouped[],
  limit: number,
): Promise<{ groups: string[]; learned: Map<string, string> }> {
  const learned = new Map<string, string>();
  const wanted = new Map<string, Cell[]>();
  for (const item of items) {
    for (const value of valuesOf(item)) {
      const key = keyOf(item.appId, value);
      if (remembered.get(key) === undefined) wanted.set(key, [item.appId, value]);
    }
  }
  if (wanted.size > 0) {
    const rows = jsonRows(dialect, { app_id: 'int', value: 'text' }, [...wanted.values()]);
    const found = await sql<{ app_id: number; value: string; signature: string }>`
      select a.app_id, a.value, a.signature from ${rows} as r
      join aliases as a on a.app_id = r.app_id and a.value = r.value`.execute(transaction);
    for (const { app_id, value, signature } of found.rows) learned.set(keyOf(app_id, value), signature);
  }
  const unknown = [...wanted].filter(([key]) => !learned.has(key)).map(([, [appId]]) => Number(appId));
  const room = await roomOf(transaction, new Set(unknown), limit);
  const added: Cell[][] = [];
  const groups = items.map((item) => {
    const values = valuesOf(item).map((value) => ({ value, key: keyOf(item.appId, value) }));
    const groupOf = (key: string) => learned.get(key) ?? remembered.get(key);
    const known = values.map(({ key }) => groupOf(key)).find((found) => found !== undefined);
    if (known === undefined && !takeRoom(room.get(item.appId), values.length)) return OTHER_GROUP;
    const group = known ?? shortHash(item.app, values[0]?.value ?? item.kind);
    for (const { value, key } of values) {
      if (groupOf(key) !== undefined) continue;
      learned.set(key, group);
      added.push([item.appId, value, group]);
    }
    return group;
  });
  if (added.length > 0) {
    const rows = jsonRows(dialect, { app_id: 'int', value: 'text', signature: 'text' }, added);
    await sql`insert into aliases (app_id, value, signature) select r.app_id, r.value, r.signature from ${rows} as r
      where true on conflict (app_id, value) do nothing`.execute(transaction);
  }
  return { groups, learned };
}
