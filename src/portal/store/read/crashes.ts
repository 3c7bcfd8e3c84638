import type { Selectable } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { readReason } from '../../../model/read-reason.ts';
import type { Database } from '../database/database.ts';
import type { Tables } from '../schema/tables.ts';
import { decodeKind, decodeSettings, decodeStatus, hasStackOf, joinReport } from '../write/encode.ts';
import { findApp } from './app-id.ts';
import type { CrashDetail, CrashEvent, CrashFilter, Page } from './crash-store.ts';
import { shownTitles } from './shown-titles.ts';

type CrashWithTitle = Selectable<Tables['crashes']> & { title: string | null; has_stack: number | null };

const MOST_AT_ONCE = 1_000;

export async function listCrashes(
  database: Database,
  app: string,
  filter: CrashFilter,
  wanted: number,
  after: string | undefined,
): Promise<Page<CrashEvent>> {
  const cursor = after === undefined ? null : parseCursor(after);
  const appId = await findApp(database, app);
  if (appId === null) return { items: [], next: null };
  const limit = Math.max(1, Math.min(wanted, MOST_AT_ONCE));
  let query = withTitle(database)
    .where('c.app_id', '=', appId)
    .where('c.at', '>=', filter.range.fromMs)
    .where('c.at', '<', filter.range.toMs);
  if (filter.kind !== undefined) query = query.where('c.kind', '=', filter.kind);
  if (filter.signature !== undefined) query = query.where('c.signature', '=', filter.signature);
  if (filter.instance !== undefined) query = query.where('c.instance', '=', filter.instance);
  if (filter.version !== undefined) query = query.where('c.version', '=', filter.version);
  if (filter.hasReport !== undefined) {
    query = query.where('c.report_hash', filter.hasReport ? 'is not' : 'is', null);
  }
  if (cursor !== null) {
    query = query
      .where('c.at', '<=', cursor.atMs)
      .where((or) => or.or([or('c.at', '<', cursor.atMs), or('c.uid', '<', cursor.uid)]));
  }
  const rows = await query
    .orderBy('c.at', 'desc')
    .orderBy('c.uid', 'desc')
    .limit(limit + 1)
    .execute();
  const items = await titled(database, rows.slice(0, limit));
  const last = items.at(-1);
  return {
    items: items.map(eventOf),
    next: rows.length > limit && last !== undefined ? `${last.at}.${last.uid}` : null,
  };
}

export async function readCrash(database: Database, app: string, uid: string): Promise<CrashDetail | null> {
  const appId = await findApp(database, app);
  if (appId === null) return null;
  const row = await withTitle(database)
    .where('c.app_id', '=', appId)
    .where('c.uid', '=', uid)
    .orderBy('c.at')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : detailOf(database, row);
}

/** The newest of a group that has a report. */
export async function readNewestReport(
  database: Database,
  appId: number,
  signature: string,
): Promise<CrashDetail | null> {
  const row = await withTitle(database)
    .where('c.app_id', '=', appId)
    .where('c.signature', '=', signature)
    .where('c.report_hash', 'is not', null)
    .orderBy('c.at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : detailOf(database, row);
}

const withTitle = ({ reader }: Database) =>
  reader
    .selectFrom('crashes as c')
    .leftJoin('signatures as s', (join) =>
      join.onRef('s.app_id', '=', 'c.app_id').onRef('s.id', '=', 'c.signature'),
    )
    .selectAll('c')
    .select(['s.title', 's.has_stack']);

/** With the titles of their groups as people see them. */
async function titled(database: Database, rows: readonly CrashWithTitle[]): Promise<CrashWithTitle[]> {
  const groups = new Map(
    rows.map(({ signature, title }) => [signature, { id: signature, title: title ?? '' }]),
  );
  const appId = rows[0]?.app_id;
  if (appId === undefined) return [];
  const titles = await shownTitles(database, appId, [...groups.values()]);
  return rows.map((row) => ({ ...row, title: titles.get(row.signature) ?? row.title }));
}

async function detailOf(database: Database, row: CrashWithTitle): Promise<CrashDetail> {
  const { reader } = database;
  const [named = row] = await titled(database, [row]);
  const report =
    row.report_hash === null
      ? undefined
      : await reader
          .selectFrom('reports')
          .select('body')
          .where('app_id', '=', row.app_id)
          .where('hash', '=', row.report_hash)
          .executeTakeFirst();
  return {
    ...eventOf(named),
    reason: readReason(row.reason),
    // Of senders that are no crashmon nothing is counted, and the column has no null.
    uptimeMs: row.crashes_in_window === 0 ? null : row.uptime_ms,
    report: joinReport(report?.body ?? null, row.report_own),
  };
}

function eventOf(row: CrashWithTitle): CrashEvent {
  return {
    uid: row.uid,
    crashId: row.crash_id,
    atMs: row.at,
    instance: row.instance,
    version: row.version,
    kind: decodeKind(row.kind),
    status: decodeStatus(row.status),
    exceptionType: row.exception_type,
    code: row.code,
    signal: row.signal,
    signature: row.signature,
    title: row.title ?? '',
    suspected: row.suspected === 1,
    armed: row.armed === 1,
    captured: row.captured === 1,
    hasReport: row.report_hash !== null,
    hasStack: row.report_hash !== null && (hasStackOf(row.report_own) ?? row.has_stack === 1),
    backAfterMs: row.back_after_ms,
    crashesInWindow: row.crashes_in_window,
    settings: decodeSettings(row.settings),
  };
}

function parseCursor(text: string): { atMs: number; uid: string } {
  const [, at, uid] = /^(-?\d{1,16})\.(.+)$/s.exec(text) ?? [];
  if (at !== undefined && uid !== undefined && !uid.includes('\0')) return { atMs: Number(at), uid };
  throw new CrashmonError('BAD_REQUEST', 'There is no such place in the list: begin at its first page.');
}
