import type { Selectable } from 'kysely';
import { parseNoCaptureToken } from '../../../model/no-capture.ts';
import type { Database } from '../database/database.ts';
import { decodeSettings, decodeWorkload } from '../encode.ts';
import { DAY_MS, OTHER_INSTANCE } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { findApp } from './app-id.ts';
import { countByKey, countDays } from './counted.ts';
import type { InstanceState, InstanceSummary, StateChange } from './instance-store.ts';

const SILENT_AFTER_MS = 30 * 60_000;
const MISSED_HEARTBEATS = 3;
const MOST_INSTANCES = 20_000;

/** An instance that was not seen for longer is silent. */
export const silentAfter = (everyMs: number | null): number =>
  everyMs === null ? SILENT_AFTER_MS : MISSED_HEARTBEATS * everyMs;

export async function listInstances(
  database: Database,
  app: string,
  nowMs: number,
): Promise<InstanceSummary[]> {
  const appId = await findApp(database, app);
  if (appId === null) return [];
  const rows = await database.reader
    .selectFrom('instances')
    .selectAll()
    .where('app_id', '=', appId)
    .orderBy('instance')
    .limit(MOST_INSTANCES)
    .execute();
  const lastDay = await crashesLastDay(database, appId, nowMs);
  return rows.map((row) => summaryOf(row, lastDay.get(row.instance) ?? 0, nowMs));
}

export async function readInstance(
  database: Database,
  app: string,
  instance: string,
  nowMs: number,
): Promise<InstanceSummary | null> {
  const appId = await findApp(database, app);
  if (appId === null) return null;
  const row = await database.reader
    .selectFrom('instances')
    .selectAll()
    .where('app_id', '=', appId)
    .where('instance', '=', instance)
    .executeTakeFirst();
  if (row === undefined) return null;
  const lastDay = await crashesLastDay(database, appId, nowMs, instance);
  return summaryOf(row, lastDay.get(instance) ?? 0, nowMs);
}

export async function readInstanceDays(
  database: Database,
  app: string,
  instances: readonly string[],
  nowMs: number,
): Promise<Map<string, number[]>> {
  const appId = await findApp(database, app);
  return appId === null ? new Map() : await countDays(database, appId, 'i', instances, nowMs);
}

export async function readStateChanges(
  database: Database,
  app: string,
  instance: string,
  limit: number,
): Promise<StateChange[]> {
  const appId = await findApp(database, app);
  if (appId === null) return [];
  const rows = await database.reader
    .selectFrom('state_changes')
    .select(['at', 'state', 'cooldown_until'])
    .where('app_id', '=', appId)
    .where('instance', '=', instance)
    .orderBy('at', 'desc')
    .orderBy('uid', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ at, state, cooldown_until }) => ({ atMs: at, state, cooldownUntilMs: cooldown_until }));
}

async function crashesLastDay(
  database: Database,
  appId: number,
  nowMs: number,
  instance?: string,
): Promise<Map<string, number>> {
  const range = { fromMs: nowMs - DAY_MS, toMs: nowMs + DAY_MS };
  const counts = await countByKey(database, appId, 'i', range, 10, MOST_INSTANCES, instance);
  return new Map(counts.map(({ key, n }) => [key, n]));
}

function stateOf(row: Selectable<Tables['instances']>, nowMs: number): InstanceState {
  if (row.instance === OTHER_INSTANCE) return 'folded';
  if (row.heartbeat_at === 0 && row.state === 'disabled') return 'external';
  if (row.stopped === 1) return 'stopped';
  return row.last_seen < nowMs - silentAfter(row.every_ms) ? 'silent' : (row.state ?? 'watching');
}

export function summaryOf(
  row: Selectable<Tables['instances']>,
  lastDay: number,
  nowMs: number,
): InstanceSummary {
  return {
    instance: row.instance,
    state: stateOf(row, nowMs),
    noCapture: row.no_capture === null ? null : parseNoCaptureToken(row.no_capture),
    version: row.version,
    crashmonVersion: row.crashmon_version,
    workload: decodeWorkload(row.workload),
    crashesLastDay: lastDay,
    crashesTotal: row.crashes_total,
    crashesInWindow: row.crashes_in_window ?? 0,
    settings: row.settings === null ? null : decodeSettings(row.settings),
    cooldownUntilMs: row.cooldown_until,
    workerStartedAtMs: row.worker_started_at,
    firstSeenMs: row.first_seen,
    lastSeenMs: row.last_seen,
    lastCrashAtMs: row.last_crash_at,
    lostRecords: row.lost_records,
  };
}
