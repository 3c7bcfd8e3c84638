import { sql } from 'kysely';
import { MOST_DUMPS } from '../../../model/public-session.ts';
import type { HeartbeatRecord } from '../../../model/telemetry.ts';
import { insertNew, upsertRows } from '../database/write-rows.ts';
import { encodeStatus } from '../encode.ts';
import { keyOf } from '../key-of.ts';
import { DAY_MS, KEPT_DUMPS } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import type { Sent } from './batch.ts';
import type { WriteContext } from './write-context.ts';

type Beat = Sent<HeartbeatRecord>;

/** A session lasts 30 days at most; a dump can be kept for as long as its owner says. */
const LATEST_MS = 3_650 * DAY_MS;

/** What heartbeats say of sessions, their dumps, and the portal's requests. */
export async function storeSessions(context: WriteContext, beats: readonly Beat[]): Promise<void> {
  const inOrder = beats.toSorted((one, other) => one.atMs - other.atMs);
  await storeDumpSessions(context, inOrder);
  await storeDumps(context, inOrder);
  for (const beat of inOrder) await storeAnswers(context, beat);
}

async function storeDumpSessions(context: WriteContext, beats: readonly Beat[]): Promise<void> {
  const rows = new Map<string, Row<'dump_sessions'>>();
  for (const { appId, instance, atMs, record } of beats) {
    if (record.session === undefined) continue;
    const { id, startedAtMs, endsAtMs, state, maxDumps, kept, account } = record.session;
    rows.set(keyOf(appId, instance, id), {
      ...{ app_id: appId, instance, id, state, kept, account, max_dumps: maxDumps },
      started_at: Math.min(startedAtMs, context.nowMs),
      ends_at: Math.min(endsAtMs, context.nowMs + LATEST_MS),
      seen_at: Math.min(atMs, context.nowMs),
    });
  }
  if (rows.size === 0) return;
  const changes = ['state', 'kept', 'ends_at', 'seen_at'].map(
    (name) => `${name} = case when excluded.seen_at >= t.seen_at then excluded.${name} else t.${name} end`,
  );
  const sorted = inKeyOrder([...rows.values()]);
  await upsertRows(context.dialect, 'dump_sessions', sorted, changes).execute(context.transaction);
  await trim(context, 'dump_sessions', 'started_at', sorted);
}

async function storeDumps(context: WriteContext, beats: readonly Beat[]): Promise<void> {
  const rows = new Map<string, Row<'dumps'>>();
  const latest = new Map<string, Beat>();
  for (const beat of beats) {
    const { appId, instance, record } = beat;
    if (record.dumps === undefined) continue;
    latest.set(keyOf(appId, instance), beat);
    for (const dump of record.dumps) {
      const { kind, crashUid, keptAtMs, expiresAtMs, sizeBytes, full, encrypted, status } = dump;
      rows.set(keyOf(appId, instance, crashUid), {
        ...{ app_id: appId, instance, crash_uid: crashUid, size: sizeBytes, deleted_at: null },
        ...{ is_full: Number(full), encrypted: Number(encrypted), status: encodeStatus(status) },
        kind: kind === 'core' ? null : kind,
        kept_at: Math.min(keptAtMs, context.nowMs),
        expires_at: Math.min(expiresAtMs, context.nowMs + LATEST_MS),
      });
    }
  }
  if (rows.size > 0) {
    const sorted = inKeyOrder([...rows.values()]);
    await insertNew(context.dialect, 'dumps', sorted).execute(context.transaction);
    await trim(context, 'dumps', 'kept_at', sorted);
  }
  for (const beat of latest.values()) await noteDeleted(context, beat);
}

/** What is no longer listed is deleted. A record that comes late knows nothing of newer dumps. */
async function noteDeleted({ transaction, nowMs }: WriteContext, beat: Beat): Promise<void> {
  const { appId, instance, record } = beat;
  const { dumps = [] } = record;
  const atMs = Math.min(beat.atMs, nowMs);
  // A list with as many as there can be has no older ones.
  const fromMs = dumps.length < MOST_DUMPS ? 0 : Math.min(...dumps.map(({ keptAtMs }) => keptAtMs));
  let query = transaction
    .updateTable('dumps')
    .set({ deleted_at: atMs })
    .where('app_id', '=', appId)
    .where('instance', '=', instance)
    .where('deleted_at', 'is', null)
    .where('kept_at', '>=', fromMs)
    .where('kept_at', '<=', atMs);
  const uids = dumps.map(({ crashUid }) => crashUid);
  if (uids.length > 0) query = query.where('crash_uid', 'not in', uids);
  await query.execute();
}

/** An answer that comes again changes nothing. */
async function storeAnswers({ transaction, nowMs }: WriteContext, beat: Beat): Promise<void> {
  const { appId, instance, atMs, record } = beat;
  for (const { id, why } of record.answers ?? []) {
    await transaction
      .updateTable('remote_requests')
      .set({ state: why === null ? 'started' : 'refused', why, answered_at: Math.min(atMs, nowMs) })
      .where('app_id', '=', appId)
      .where('id', '=', id)
      .where('instance', '=', instance)
      .where('state', '=', 'asked')
      .execute();
  }
}

/** So that no two transactions wait for each other. */
function inKeyOrder<Of extends { app_id: number; instance: string }>(rows: readonly Of[]): Of[] {
  return rows.toSorted((a, b) => a.app_id - b.app_id || (a.instance < b.instance ? -1 : 1));
}

/** Deletes the oldest of instances that have too many: a sender can invent them. */
async function trim(
  { transaction }: WriteContext,
  table: 'dumps' | 'dump_sessions',
  age: 'kept_at' | 'started_at',
  rows: readonly { app_id: number; instance: string }[],
): Promise<void> {
  const places = new Map(rows.map((row) => [keyOf(row.app_id, row.instance), row]));
  for (const { app_id, instance } of places.values()) {
    const among = sql`app_id = ${app_id} and instance = ${instance}`;
    await sql`delete from ${sql.table(table)} where ${among} and ${sql.ref(age)} <
      (select ${sql.ref(age)} from ${sql.table(table)} where ${among} order by ${sql.ref(age)} desc
        limit 1 offset ${sql.lit(KEPT_DUMPS)})`.execute(transaction);
  }
}
