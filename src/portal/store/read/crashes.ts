import { CrashmonError } from '../../../model/crashmon-error.ts';
import { crashDetailOf, crashEventOf, type TitledRow } from '../crash-row.ts';
import type { Database } from '../database/database.ts';
import { findApp } from './app-id.ts';
import type { CrashDetail, CrashEvent, CrashFilter, Page } from './crash-store.ts';
import { shownTitles } from './shown-titles.ts';

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
    items: items.map(crashEventOf),
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

/** The newest crash of a group that has a report. */
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

/** With the shown titles of their groups. */
async function titled(database: Database, rows: readonly TitledRow[]): Promise<TitledRow[]> {
  const groups = new Map(
    rows.map(({ signature, title }) => [signature, { id: signature, title: title ?? '' }]),
  );
  const appId = rows[0]?.app_id;
  if (appId === undefined) return [];
  const titles = await shownTitles(database, appId, [...groups.values()]);
  return rows.map((row) => ({ ...row, title: titles.get(row.signature) ?? row.title }));
}

async function detailOf(database: Database, row: TitledRow): Promise<CrashDetail> {
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
  return crashDetailOf(named, report?.body ?? null);
}

function parseCursor(text: string): { atMs: number; uid: string } {
  const [, at, uid] = /^(-?\d{1,16})\.(.+)$/s.exec(text) ?? [];
  if (at !== undefined && uid !== undefined && !uid.includes('\0')) return { atMs: Number(at), uid };
  throw new CrashmonError('BAD_REQUEST', 'Invalid position in the list: start at its first page.');
}
