import { sql } from 'kysely';
import type { CrashFacts } from '../../../model/crash-facts.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { OTHER_GROUP } from '../limits.ts';
import { keyOf } from './batch.ts';
import { type GroupName, groupName, improves } from './group-name.ts';

export type GroupUse = {
  appId: number;
  id: string;
  facts: CrashFacts;
  /** As their sender formed them. */
  signatures: readonly string[];
  atMs: number;
};

type JoinedGroup = Pick<GroupUse, 'appId' | 'id'> & {
  /** The first crash, then those with a stack: any of them can name the group. */
  candidates: GroupUse[];
  hasStack: boolean;
  firstMs: number;
  lastMs: number;
  count: number;
};

export const OTHER_NAME: GroupName = {
  ...{ title: 'Other causes', exceptionType: null },
  // Nothing replaces the name.
  ...{ hasStack: true, fits: false },
};

/** Groups that crashes joined: made, or counted up. The first crash names the group; see `improves`. */
export async function joinGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  uses: readonly GroupUse[],
  nowMs: number,
): Promise<void> {
  if (uses.length === 0) return;
  const groups = new Map<string, JoinedGroup>();
  for (const use of uses) {
    const atMs = Math.min(use.atMs, nowMs);
    const hasStack = use.facts.frames.length > 0;
    const key = keyOf(use.appId, use.id);
    const known = groups.get(key);
    if (known === undefined) {
      const { appId, id } = use;
      groups.set(key, { appId, id, candidates: [use], hasStack, firstMs: atMs, lastMs: atMs, count: 1 });
      continue;
    }
    known.count++;
    known.firstMs = Math.min(known.firstMs, atMs);
    known.lastMs = Math.max(known.lastMs, atMs);
    known.hasStack ||= hasStack;
    if (hasStack) known.candidates.push(use);
  }
  // Forming a name costs as much as reading the report, so only groups that need one get one.
  const withoutStack = await countUp(dialect, transaction, groups);
  await addGroups(dialect, transaction, [...groups.values()]);
  await addStacks(dialect, transaction, withoutStack);
}

/**
 * Adds to the groups that are stored, and removes them from `groups`.
 *
 * @returns those that now have their first stack
 */
async function countUp(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: Map<string, JoinedGroup>,
): Promise<JoinedGroup[]> {
  const columns = { app_id: 'int', id: 'text', first_seen: 'int', last_seen: 'int', n: 'int' } as const;
  const cells = [...groups.values()].map(({ appId, id, firstMs, lastMs, count }): Cell[] => [
    ...[appId, id, firstMs, lastMs, count],
  ]);
  const { rows } = await sql<{ app_id: number; id: string; has_stack: number }>`update signatures set
      first_seen = case when r.first_seen < signatures.first_seen then r.first_seen else signatures.first_seen end,
      last_seen = case when r.last_seen > signatures.last_seen then r.last_seen else signatures.last_seen end,
      crashes_total = signatures.crashes_total + r.n
    from ${jsonRows(dialect, columns, cells)} as r
    where signatures.app_id = r.app_id and signatures.id = r.id
    returning signatures.app_id, signatures.id, signatures.has_stack`.execute(transaction);
  return rows.flatMap(({ app_id, id, has_stack }) => {
    const key = keyOf(app_id, id);
    const group = groups.get(key);
    groups.delete(key);
    return group?.hasStack === true && has_stack === 0 ? [group] : [];
  });
}

async function addGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly JoinedGroup[],
): Promise<void> {
  if (groups.length === 0) return;
  const columns = {
    app_id: 'int',
    id: 'text',
    title: 'text',
    kind: 'text',
    exception_type: 'text',
    has_stack: 'int',
    first_seen: 'int',
    last_seen: 'int',
    n: 'int',
  } as const;
  const cells = groups.map(({ appId, id, candidates, hasStack, firstMs, lastMs, count }): Cell[] => {
    const { title, exceptionType } = id === OTHER_GROUP ? OTHER_NAME : bestName(candidates);
    const kind = candidates[0]?.facts.kind ?? null;
    return [appId, id, title, kind, exceptionType, Number(hasStack), firstMs, lastMs, count];
  });
  await sql`insert into signatures (app_id, id, title, kind, exception_type, has_stack, first_seen, last_seen,
      crashes_total, instances)
    select r.app_id, r.id, r.title, r.kind, r.exception_type, r.has_stack, r.first_seen, r.last_seen, r.n, 0
    from ${jsonRows(dialect, columns, cells)} as r`.execute(transaction);
}

/** Of groups that are stored without a stack; the name follows where `improves` says so. */
async function addStacks(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly JoinedGroup[],
): Promise<void> {
  if (groups.length === 0) return;
  const columns = {
    app_id: 'int',
    id: 'text',
    improves: 'int',
    title: 'text',
    exception_type: 'text',
  } as const;
  const cells = groups.map(({ appId, id, candidates }): Cell[] => {
    const name = id === OTHER_GROUP ? OTHER_NAME : bestName(candidates);
    return [appId, id, Number(improves(name, { hasStack: false })), name.title, name.exceptionType];
  });
  await sql`update signatures set has_stack = 1,
      title = case when r.improves = 1 then r.title else signatures.title end,
      exception_type = case when r.improves = 1 then r.exception_type else signatures.exception_type end
    from ${jsonRows(dialect, columns, cells)} as r
    where signatures.app_id = r.app_id and signatures.id = r.id`.execute(transaction);
}

function bestName([first, ...rest]: readonly GroupUse[]): GroupName {
  if (first === undefined) return OTHER_NAME;
  let name = groupName(first.facts, first.signatures);
  for (const { facts, signatures } of rest) {
    if (name.hasStack) break;
    const next = groupName(facts, signatures);
    if (improves(next, name)) name = next;
  }
  return name;
}

/** Groups that crashes left for another, after the crashes' rows were changed. */
export async function leaveGroups(
  transaction: WriteTransaction,
  left: readonly { appId: number; id: string; atMs: number }[],
): Promise<void> {
  const groups = new Map<string, { appId: number; id: string; times: Set<number>; n: number }>();
  for (const { appId, id, atMs } of left) {
    const key = keyOf(appId, id);
    const group = groups.get(key) ?? { appId, id, times: new Set<number>(), n: 0 };
    group.times.add(atMs);
    group.n++;
    groups.set(key, group);
  }
  for (const [, { appId, id, times, n }] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const group = await transaction
      .selectFrom('signatures')
      .select(['first_seen', 'last_seen', 'crashes_total'])
      .where('app_id', '=', appId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (group === undefined) continue;
    const rest =
      times.has(group.first_seen) || times.has(group.last_seen)
        ? await timesOf(transaction, appId, id)
        : null;
    await transaction
      .updateTable('signatures')
      .set({
        crashes_total: group.crashes_total - n,
        first_seen: times.has(group.first_seen) ? (rest?.first ?? group.first_seen) : group.first_seen,
        last_seen: times.has(group.last_seen)
          ? Math.min(rest?.last ?? group.last_seen, group.last_seen)
          : group.last_seen,
      })
      .where('app_id', '=', appId)
      .where('id', '=', id)
      .execute();
  }
}

/** Two statements in one: SQLite finds the ends of an index only where one is asked for at a time. */
async function timesOf(
  transaction: WriteTransaction,
  appId: number,
  id: string,
): Promise<{ first: number | null; last: number | null } | null> {
  const ofGroup = sql`from crashes where app_id = ${appId} and signature = ${id}`;
  const { rows } = await sql<{ first: number | null; last: number | null }>`select
    (select min(at) ${ofGroup}) as first, (select max(at) ${ofGroup}) as last`.execute(transaction);
  return rows[0] ?? null;
}
