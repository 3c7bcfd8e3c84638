import type { Selectable } from 'kysely';
import { changeApp } from '../change-app.ts';
import type { Database } from '../database/database.ts';
import type { Tables } from '../schema/tables.ts';
import { findApp } from './app-id.ts';
import { countByKey, countDays, DAYS_SHOWN, stepFor } from './counted.ts';
import type { TimeRange } from './crash-store.ts';
import { readNewestReport } from './crashes.ts';
import { shownTitles } from './shown-titles.ts';
import type { SignatureDetail, SignatureStatus, SignatureSummary } from './signature-store.ts';

type Row = Selectable<Tables['signatures']>;

const MOST_VERSIONS = 100;
const MOST_INSTANCES = 20;

export async function listSignatures(
  database: Database,
  app: string,
  range: TimeRange,
  limit: number,
  nowMs: number,
): Promise<SignatureSummary[]> {
  const appId = await findApp(database, app);
  if (appId === null) return [];
  const counts = await countByKey(database, appId, 's', range, stepFor(range, nowMs), limit);
  const ids = counts.map(({ key }) => key);
  if (ids.length === 0) return [];
  const [rows, values, days] = await Promise.all([
    database.reader
      .selectFrom('signatures')
      .selectAll()
      .where('app_id', '=', appId)
      .where('id', 'in', ids)
      .execute(),
    valuesOf(database, appId, ids),
    countDays(database, appId, 's', ids, nowMs),
  ]);
  const titles = await shownTitles(database, appId, rows);
  const byId = new Map(rows.map((row) => [row.id, { ...row, title: titles.get(row.id) ?? row.title }]));
  return counts.flatMap(({ key, n }) => {
    const row = byId.get(key);
    return row === undefined ? [] : [summaryOf(row, n, values.get(key), days.get(key))];
  });
}

/** `crashes` are those of the last 15 days. */
export async function readSignature(
  database: Database,
  app: string,
  id: string,
  nowMs: number,
): Promise<SignatureDetail | null> {
  const { reader } = database;
  const appId = await findApp(database, app);
  if (appId === null) return null;
  const row = await reader
    .selectFrom('signatures')
    .selectAll()
    .where('app_id', '=', appId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const [titles, values, days, versions, instances, newestReport] = await Promise.all([
    shownTitles(database, appId, [row]),
    valuesOf(database, appId, [id]),
    countDays(database, appId, 's', [id], nowMs),
    reader
      .selectFrom('signature_versions')
      .select(['version', 'n', 'first_seen', 'last_seen'])
      .where('app_id', '=', appId)
      .where('signature', '=', id)
      .orderBy('last_seen', 'desc')
      .orderBy('version', 'desc')
      .limit(MOST_VERSIONS)
      .execute(),
    reader
      .selectFrom('signature_instances')
      .select(['instance', 'n', 'last_seen'])
      .where('app_id', '=', appId)
      .where('signature', '=', id)
      .orderBy('n', 'desc')
      .orderBy('instance')
      .limit(MOST_INSTANCES)
      .execute(),
    readNewestReport(database, appId, id),
  ]);
  const shownDays = days.get(id) ?? [];
  const crashes = shownDays.reduce((sum, count) => sum + count, 0);
  return {
    ...summaryOf({ ...row, title: titles.get(id) ?? row.title }, crashes, values.get(id), shownDays),
    note: row.note,
    resolvedAtMs: row.resolved_at,
    resolvedBy: row.resolved_by,
    versions: versions.map(({ version, n, first_seen, last_seen }) => ({
      version: version === '' ? null : version,
      crashes: n,
      firstSeenMs: first_seen,
      lastSeenMs: last_seen,
    })),
    topInstances: instances.map(({ instance, n, last_seen }) => ({
      instance,
      crashes: n,
      lastSeenMs: last_seen,
    })),
    newestReport,
  };
}

async function valuesOf(
  { reader }: Database,
  appId: number,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await reader
    .selectFrom('aliases')
    .select(['value', 'signature'])
    .where('app_id', '=', appId)
    .where('signature', 'in', ids)
    .orderBy('value')
    .limit(ids.length * 50)
    .execute();
  const values = new Map<string, string[]>();
  for (const { value, signature } of rows) values.set(signature, [...(values.get(signature) ?? []), value]);
  return values;
}

/** A resolved group that crashes again has returned. */
function statusOf({ resolved_at, last_seen }: Pick<Row, 'resolved_at' | 'last_seen'>): SignatureStatus {
  if (resolved_at === null) return 'open';
  return last_seen > resolved_at ? 'returned' : 'resolved';
}

function summaryOf(
  row: Row,
  crashes: number,
  values: string[] = [],
  days: number[] = new Array<number>(DAYS_SHOWN).fill(0),
): SignatureSummary {
  return {
    id: row.id,
    values,
    title: row.title,
    kind: row.kind,
    exceptionType: row.exception_type,
    hasStack: row.has_stack === 1,
    firstSeenMs: row.first_seen,
    lastSeenMs: row.last_seen,
    crashesTotal: row.crashes_total,
    crashes,
    instances: row.instances,
    days,
    status: statusOf(row),
  };
}

export async function writeToSignature(
  database: Database,
  app: string,
  id: string,
  change: { note: string } | { resolved_at: number | null; resolved_by: string | null },
): Promise<boolean> {
  const appId = await findApp(database, app);
  if (appId === null) return false;
  return changeApp(database, appId, async (transaction) => {
    const result = await transaction
      .updateTable('signatures')
      .set(change)
      .where('app_id', '=', appId)
      .where('id', '=', id)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  });
}
