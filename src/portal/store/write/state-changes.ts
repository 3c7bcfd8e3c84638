import { sql } from 'kysely';
import type { LossRecord, StateRecord } from '../../../model/telemetry.ts';
import { insertNew } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import { KEPT_CHANGES } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import type { Sent } from './batch.ts';
import type { WriteContext } from './write-context.ts';

/** Rows beyond `KEPT_CHANGES` before an instance is trimmed. */
const SLACK = 50;

/** @returns those that were not stored yet: losses count once */
export async function insertLosses(
  { dialect, transaction }: WriteContext,
  losses: readonly Sent<LossRecord>[],
): Promise<Sent<LossRecord>[]> {
  if (losses.length === 0) return [];
  const rows = losses.map(({ appId, atMs, record: { uid, count } }) => ({
    ...{ app_id: appId, at: atMs, uid, n: count },
  }));
  const inserted = await sql<Omit<Row<'losses'>, 'n'>>`${insertNew(dialect, 'losses', rows)}
    returning app_id, at, uid`.execute(transaction);
  const fresh = new Set(inserted.rows.map(({ app_id, at, uid }) => keyOf(app_id, at, uid)));
  return losses.filter(({ appId, atMs, record }) => fresh.delete(keyOf(appId, atMs, record.uid)));
}

/** @returns those that were not stored yet */
export async function insertStateChanges(
  { dialect, transaction }: WriteContext,
  states: readonly Sent<StateRecord>[],
): Promise<Sent<StateRecord>[]> {
  if (states.length === 0) return [];
  const rows = states.map(
    ({ appId, instance, atMs, record }): Row<'state_changes'> => ({
      app_id: appId,
      instance,
      at: atMs,
      uid: record.uid,
      state: record.stopped === true ? 'stopped' : record.state,
      cooldown_until: record.cooldownUntilMs,
    }),
  );
  const inserted = await sql<Pick<Row<'state_changes'>, 'app_id' | 'instance' | 'at' | 'uid'>>`
    ${insertNew(dialect, 'state_changes', rows)} returning app_id, instance, at, uid`.execute(transaction);
  const fresh = new Set(inserted.rows.map((row) => keyOf(row.app_id, row.instance, row.at, row.uid)));
  return states.filter(({ appId, instance, atMs, record }) =>
    fresh.delete(keyOf(appId, instance, atMs, record.uid)),
  );
}

/** Deletes the oldest changes of instances that have too many. */
export async function trimStateChanges(
  { transaction }: WriteContext,
  instances: readonly Pick<Row<'instances'>, 'app_id' | 'instance' | 'changes_kept'>[],
): Promise<void> {
  for (const { app_id, instance, changes_kept } of instances) {
    if (changes_kept <= KEPT_CHANGES + SLACK) continue;
    const oldest = await transaction
      .selectFrom('state_changes')
      .select(['at', 'uid'])
      .where('app_id', '=', app_id)
      .where('instance', '=', instance)
      .orderBy('at', 'desc')
      .orderBy('uid', 'desc')
      .offset(KEPT_CHANGES - 1)
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined) continue;
    await sql`delete from state_changes where app_id = ${app_id} and instance = ${instance}
      and (at, uid) < (${oldest.at}, ${oldest.uid})`.execute(transaction);
    await sql`update instances set changes_kept = ${KEPT_CHANGES}
      where app_id = ${app_id} and instance = ${instance}`.execute(transaction);
  }
}
