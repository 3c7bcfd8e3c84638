import { sql } from 'kysely';
import { fromRows, insertRows, updateRows } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import { OTHER_GROUP } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import { type GroupName, groupName, improves, OTHER_NAME } from './group-name.ts';
import { factsOf, hasStack, type StoredCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

/** What the crashes of a batch add to a group. */
type JoinedGroup = {
  appId: number;
  id: string;
  /** The first crash, then those with a stack: any of them can name the group. */
  candidates: [StoredCrash, ...StoredCrash[]];
  hasStack: boolean;
  firstMs: number;
  lastMs: number;
  crashes: number;
};

/** Adds crashes to their groups, which are made where needed. The first crash names the group; see `improves`. */
export async function joinGroups(context: WriteContext, crashes: readonly StoredCrash[]): Promise<void> {
  if (crashes.length === 0) return;
  const groups = new Map<string, JoinedGroup>();
  for (const crash of crashes) {
    const { appId, group: id } = crash;
    const atMs = Math.min(crash.atMs, context.nowMs);
    const key = keyOf(appId, id);
    const known = groups.get(key);
    if (known === undefined) {
      const times = { firstMs: atMs, lastMs: atMs, crashes: 1 };
      groups.set(key, { appId, id, candidates: [crash], hasStack: hasStack(crash), ...times });
      continue;
    }
    known.crashes++;
    known.firstMs = Math.min(known.firstMs, atMs);
    known.lastMs = Math.max(known.lastMs, atMs);
    if (!hasStack(crash)) continue;
    known.hasStack = true;
    known.candidates.push(crash);
  }
  // Forming a name costs as much as reading the report, so only groups that need one get one.
  const withoutStack = await countUp(context, groups);
  await addGroups(context, [...groups.values()]);
  await addStacks(context, withoutStack);
}

/**
 * Adds to the groups that are stored, and removes them from `groups`.
 *
 * @returns those that now have their first stack
 */
async function countUp(
  { dialect, transaction }: WriteContext,
  groups: Map<string, JoinedGroup>,
): Promise<JoinedGroup[]> {
  const given = [...groups.values()].map(({ appId, id, firstMs, lastMs, crashes }) => ({
    ...{ app_id: appId, id, first_seen: firstMs, last_seen: lastMs, crashes_total: crashes },
  }));
  const { rows } = await sql<Pick<Row<'signatures'>, 'app_id' | 'id' | 'has_stack'>>`update signatures set
      first_seen = case when r.first_seen < signatures.first_seen then r.first_seen else signatures.first_seen end,
      last_seen = case when r.last_seen > signatures.last_seen then r.last_seen else signatures.last_seen end,
      crashes_total = signatures.crashes_total + r.crashes_total
    ${fromRows(dialect, 'signatures', given)}
    returning signatures.app_id, signatures.id, signatures.has_stack`.execute(transaction);
  return rows.flatMap(({ app_id, id, has_stack }) => {
    const key = keyOf(app_id, id);
    const group = groups.get(key);
    groups.delete(key);
    return group?.hasStack === true && has_stack === 0 ? [group] : [];
  });
}

async function addGroups(
  { dialect, transaction }: WriteContext,
  groups: readonly JoinedGroup[],
): Promise<void> {
  if (groups.length === 0) return;
  const rows = groups.map(({ candidates, ...group }) => {
    const { title, exceptionType } = bestName(group.id, candidates);
    return {
      app_id: group.appId,
      id: group.id,
      title,
      kind: (candidates[0].report ?? candidates[0]).kind,
      exception_type: exceptionType,
      has_stack: Number(group.hasStack),
      first_seen: group.firstMs,
      last_seen: group.lastMs,
      crashes_total: group.crashes,
      instances: 0,
    };
  });
  await insertRows(dialect, 'signatures', rows).execute(transaction);
}

/** Groups that were stored without a stack and now have one; their name may improve. */
async function addStacks(
  { dialect, transaction }: WriteContext,
  groups: readonly JoinedGroup[],
): Promise<void> {
  const named = groups.map(({ appId, id, candidates }) => {
    const name = bestName(id, candidates);
    return { row: { app_id: appId, id, has_stack: 1 }, name, isBetter: improves(name, { hasStack: false }) };
  });
  const renamed = named
    .filter(({ isBetter }) => isBetter)
    .map(({ row, name }) => ({ ...row, title: name.title, exception_type: name.exceptionType }));
  const kept = named.filter(({ isBetter }) => !isBetter).map(({ row }) => row);
  if (renamed.length > 0) await updateRows(dialect, 'signatures', renamed).execute(transaction);
  if (kept.length > 0) await updateRows(dialect, 'signatures', kept).execute(transaction);
}

function bestName(group: string, [first, ...rest]: JoinedGroup['candidates']): GroupName {
  if (group === OTHER_GROUP) return OTHER_NAME;
  let name = groupName(factsOf(first), first.signatures);
  for (const crash of rest) {
    if (name.hasStack) break;
    const next = groupName(factsOf(crash), crash.signatures);
    if (improves(next, name)) name = next;
  }
  return name;
}
