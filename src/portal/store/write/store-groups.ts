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

type JoinedGroup = { appId: number; id: string; kind: string; name: GroupName } & {
  hasStack: boolean;
  firstMs: number;
  atMs: number;
  n: number;
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
  for (const { appId, id, facts, signatures, ...use } of uses) {
    const atMs = Math.min(use.atMs, nowMs);
    const key = keyOf(appId, id);
    const hasStack = facts.frames.length > 0;
    const known = groups.get(key);
    if (known === undefined) {
      const name = id === OTHER_GROUP ? OTHER_NAME : groupName(facts, signatures);
      groups.set(key, { appId, id, kind: facts.kind, name, hasStack, firstMs: atMs, atMs, n: 1 });
      continue;
    }
    known.n++;
    known.firstMs = Math.min(known.firstMs, atMs);
    known.atMs = Math.max(known.atMs, atMs);
    known.hasStack ||= hasStack;
    if (!hasStack || known.name.hasStack || id === OTHER_GROUP) continue;
    const name = groupName(facts, signatures);
    if (improves(name, known.name)) known.name = name;
  }
  await improveNames(dialect, transaction, [...groups.values()]);
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
  const cells = [...groups.values()].map((group): Cell[] => [
    group.appId,
    group.id,
    group.name.title,
    group.kind,
    group.name.exceptionType,
    Number(group.hasStack),
    group.firstMs,
    group.atMs,
    group.n,
  ]);
  await sql`insert into signatures as t (app_id, id, title, kind, exception_type, has_stack, first_seen, last_seen,
      crashes_total, instances)
    select r.app_id, r.id, r.title, r.kind, r.exception_type, r.has_stack, r.first_seen, r.last_seen, r.n, 0
    from ${jsonRows(dialect, columns, cells)} as r where true
    on conflict (app_id, id) do update set
      has_stack = case when excluded.has_stack > t.has_stack then excluded.has_stack else t.has_stack end,
      first_seen = case when excluded.first_seen < t.first_seen then excluded.first_seen else t.first_seen end,
      last_seen = case when excluded.last_seen > t.last_seen then excluded.last_seen else t.last_seen end,
      crashes_total = t.crashes_total + excluded.crashes_total`.execute(transaction);
}

/** Of groups that are stored, as `improves` says; before their rows say that there is a stack. */
async function improveNames(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly JoinedGroup[],
): Promise<void> {
  const cells = groups
    .filter(({ name }) => improves(name, { hasStack: false }))
    .map(({ appId, id, name }) => [appId, id, name.title, name.exceptionType]);
  if (cells.length === 0) return;
  const columns = { app_id: 'int', id: 'text', title: 'text', exception_type: 'text' } as const;
  await sql`update signatures set title = r.title, exception_type = r.exception_type
    from ${jsonRows(dialect, columns, cells)} as r
    where signatures.app_id = r.app_id and signatures.id = r.id and signatures.has_stack = 0`.execute(
    transaction,
  );
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
