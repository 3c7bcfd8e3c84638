import { sql } from 'kysely';
import { joinStored } from '../database/of-apps.ts';
import { insertNew } from '../database/write-rows.ts';
import { shortHash } from '../encode.ts';
import { keyOf } from '../key-of.ts';
import { MOST_VALUES, OTHER_GROUP } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import type { KnownGroups } from './known-groups.ts';
import type { WriteContext } from './write-context.ts';

export type Grouped = { appId: number; kind: string; signatures: readonly string[] };

/** Remaining groups of an app, and remaining values of signatures. */
type Room = { groups: number; values: number };

/** A group has up to `MOST_VALUES` values; most have fewer. */
const VALUES_PER_GROUP = 8;

/** Finds or makes the groups of crashes. For one transaction, which holds the apps' lock. */
export class GroupResolver {
  /** Groups by value that this transaction read or made. */
  readonly learned = new Map<string, string>();
  readonly #context: WriteContext;
  readonly #known: KnownGroups;
  readonly #limit: number;

  /** @param limit groups per app */
  constructor(context: WriteContext, known: KnownGroups, limit: number) {
    this.#context = context;
    this.#known = known;
    this.#limit = limit;
  }

  /**
   * The group of each item: the one of its newest known value. Its other values lead to the same group from now on, so
   * that a new version of signatures continues the groups of the older one. Without room for another group, it is
   * `OTHER_GROUP`.
   */
  async resolve<Item extends Grouped>(items: readonly Item[]): Promise<Map<Item, string>> {
    const room = await this.#roomFor(await this.#lookUp(items));
    const added: Row<'aliases'>[] = [];
    const groups = new Map<Item, string>();
    for (const item of items) {
      const { appId } = item;
      const values = valuesOf(item).map((value) => ({ value, key: keyOf(appId, value) }));
      const known = values.map(({ key }) => this.#groupOf(key)).find((found) => found !== undefined);
      if (known === undefined && !takeRoom(room.get(appId), values.length)) {
        groups.set(item, OTHER_GROUP);
        continue;
      }
      const group = known ?? shortHash(this.#context.apps.get(appId) ?? '', values[0]?.value ?? item.kind);
      groups.set(item, group);
      for (const { value, key } of values) {
        if (this.#groupOf(key) !== undefined) continue;
        this.learned.set(key, group);
        added.push({ app_id: appId, value, signature: group });
      }
    }
    const { dialect, transaction } = this.#context;
    if (added.length > 0) await insertNew(dialect, 'aliases', added).execute(transaction);
    return groups;
  }

  #groupOf(key: string): string | undefined {
    return this.learned.get(key) ?? this.#known.get(key);
  }

  /** Reads the groups of values that are not known yet. @returns apps that need new groups */
  async #lookUp(items: readonly Grouped[]): Promise<Set<number>> {
    const wanted = new Map<string, Pick<Row<'aliases'>, 'app_id' | 'value'>>();
    for (const item of items) {
      for (const value of valuesOf(item)) {
        const key = keyOf(item.appId, value);
        if (this.#groupOf(key) === undefined) wanted.set(key, { app_id: item.appId, value });
      }
    }
    if (wanted.size === 0) return new Set();
    const { dialect, transaction } = this.#context;
    const { rows } = await sql<Row<'aliases'>>`select a.app_id, a.value, a.signature
      ${joinStored(dialect, 'aliases', 'a', [...wanted.values()])}`.execute(transaction);
    for (const { app_id, value, signature } of rows) {
      const key = keyOf(app_id, value);
      this.learned.set(key, signature);
      wanted.delete(key);
    }
    return new Set([...wanted.values()].map(({ app_id }) => app_id));
  }

  async #roomFor(appIds: ReadonlySet<number>): Promise<Map<number, Room>> {
    const room = new Map<number, Room>();
    for (const appId of appIds) {
      const { rows } = await sql<{ groups: number; known: number }>`select
        (select count(*) from signatures where app_id = ${appId}) as groups,
        (select count(*) from aliases where app_id = ${appId}) as known`.execute(this.#context.transaction);
      const { groups = 0, known = 0 } = rows[0] ?? {};
      room.set(appId, { groups: this.#limit - groups, values: VALUES_PER_GROUP * this.#limit - known });
    }
    return room;
  }
}

const valuesOf = ({ signatures, kind }: Grouped): string[] =>
  signatures.length === 0 ? [`kind:${kind}`] : [...new Set(signatures.slice(0, MOST_VALUES))];

function takeRoom(room: Room | undefined, values: number): boolean {
  if (room === undefined || room.groups <= 0 || room.values < values) return false;
  room.groups--;
  room.values -= values;
  return true;
}
