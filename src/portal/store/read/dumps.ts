import { sql } from 'kysely';
import { completeCopies, copyKey } from '../copies/copies.ts';
import type { Database } from '../database/database.ts';
import { joinStored } from '../database/of-apps.ts';
import { decodeStatus } from '../encode.ts';
import type { Row } from '../schema/tables.ts';
import { findApp } from './app-id.ts';
import type { DumpSummary, RequestSummary, SessionSummary, Sessions } from './dump-store.ts';

const MOST = 500;

type Range = { sinceMs: number; nowMs: number; instance: string | undefined };

export async function readSessions(
  database: Database,
  app: string,
  { sinceMs, nowMs, instance }: Range,
): Promise<Sessions> {
  const appId = await findApp(database, app);
  if (appId === null) return { sessions: [], dumps: [], requests: [] };
  const { reader } = database;
  let sessions = reader.selectFrom('dump_sessions').selectAll().where('app_id', '=', appId);
  let dumps = reader.selectFrom('dumps').selectAll().where('app_id', '=', appId);
  let requests = reader.selectFrom('remote_requests').selectAll().where('app_id', '=', appId);
  // One that lasts 30 days can have started before.
  sessions = sessions.where((or) => or.or([or('started_at', '>=', sinceMs), or('ends_at', '>=', nowMs)]));
  // As can one that is kept for longer.
  dumps = dumps.where((or) => or.or([or('kept_at', '>=', sinceMs), or('deleted_at', 'is', null)]));
  requests = requests.where('at', '>=', sinceMs);
  if (instance !== undefined) {
    sessions = sessions.where('instance', '=', instance);
    dumps = dumps.where('instance', '=', instance);
    requests = requests.where('instance', '=', instance);
  }
  const [sessionRows, dumpRows, requestRows] = await Promise.all([
    sessions.orderBy('started_at', 'desc').limit(MOST).execute(),
    dumps.orderBy('kept_at', 'desc').limit(MOST).execute(),
    requests.orderBy('at', 'desc').limit(MOST).execute(),
  ]);
  const askers = new Map(requestRows.map(({ id, instance: of, who }) => [`${id} ${of}`, who]));
  return {
    sessions: sessionRows.map((row) => sessionOf(row, askers, nowMs)),
    dumps: await withCrashes(database, appId, dumpRows, nowMs),
    requests: requestRows.map((row) => requestOf(row, nowMs)),
  };
}

export async function readDump(
  database: Database,
  app: string,
  { instance, crashUid }: { instance: string; crashUid: string },
  nowMs: number,
): Promise<DumpSummary | null> {
  const appId = await findApp(database, app);
  if (appId === null) return null;
  const row = await database.reader
    .selectFrom('dumps')
    .selectAll()
    .where('app_id', '=', appId)
    .where('instance', '=', instance)
    .where('crash_uid', '=', crashUid)
    .executeTakeFirst();
  return row === undefined ? null : ((await withCrashes(database, appId, [row], nowMs))[0] ?? null);
}

/** The instance names an account, too, but only the portal knows who asked it. */
function sessionOf(
  row: Row<'dump_sessions'>,
  askers: ReadonlyMap<string, string>,
  nowMs: number,
): SessionSummary {
  const { id, instance, started_at, ends_at, max_dumps, kept } = row;
  return {
    ...{ id, instance, startedAtMs: started_at, endsAtMs: ends_at, maxDumps: max_dumps, kept },
    state: row.state === 'running' && ends_at <= nowMs ? 'time' : row.state,
    startedBy: askers.get(`${id} ${instance}`) ?? (row.account === null ? null : 'an account'),
  };
}

async function withCrashes(
  database: Database,
  appId: number,
  rows: readonly Row<'dumps'>[],
  nowMs: number,
): Promise<DumpSummary[]> {
  if (rows.length === 0) return [];
  const { dialect, reader } = database;
  const wanted = rows.map(({ crash_uid: uid }) => ({ app_id: appId, at: timeOfUid(uid), uid }));
  const found = await sql<{ uid: string; exception_type: string | null }>`select c.uid, c.exception_type
    ${joinStored(dialect, 'crashes', 'c', wanted)}`.execute(reader);
  const copies = await completeCopies(database, appId);
  const crashes = new Map(found.rows.map(({ uid, exception_type }) => [uid, exception_type]));
  return rows.map((row) => ({
    kind: row.kind ?? 'core',
    ...{ crashUid: row.crash_uid, id: row.crash_uid.slice(-12), instance: row.instance },
    ...{ status: decodeStatus(row.status), sizeBytes: row.size },
    ...{ exceptionType: crashes.get(row.crash_uid) ?? null, hasCrash: crashes.has(row.crash_uid) },
    ...{ full: row.is_full === 1, encrypted: row.encrypted === 1 },
    ...{ keptAtMs: row.kept_at, expiresAtMs: row.expires_at, deletedAtMs: row.deleted_at },
    hasCopy:
      row.deleted_at === null && row.expires_at > nowMs && copies.has(copyKey(row.instance, row.crash_uid)),
  }));
}

/** A uid begins with the time of its crash. */
const timeOfUid = (uid: string): number => Number.parseInt(uid.slice(0, 12), 16) || 0;

function requestOf(row: Row<'remote_requests'>, nowMs: number): RequestSummary {
  const { id, instance, what, max_dumps, for_ms, who, at, why, answered_at } = row;
  return {
    ...{ id, instance, what, maxDumps: max_dumps, forMs: for_ms, askedBy: who, atMs: at, why },
    state: row.state === 'asked' && row.expires_at <= nowMs ? 'expired' : row.state,
    answeredAtMs: answered_at,
  };
}
