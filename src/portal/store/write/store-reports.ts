import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { jsonRows } from '../database/json-rows.ts';
import { keyOf } from './batch.ts';
import type { SplitReport } from './encode.ts';

export type UsedReport = { appId: number; atMs: number; report: SplitReport };

/** Stores each body that is not there yet; the others are only used again, which keeps them from being deleted. */
export async function storeReports(
  dialect: DialectName,
  transaction: WriteTransaction,
  used: readonly UsedReport[],
): Promise<void> {
  const newest = new Map<string, UsedReport>();
  for (const one of used) {
    const key = keyOf(one.appId, one.report.hash);
    if ((newest.get(key)?.atMs ?? -1) < one.atMs) newest.set(key, one);
  }
  if (newest.size === 0) return;
  const cells = [...newest.values()].map(({ appId, report, atMs }) => [appId, report.hash, atMs]);
  const rows = jsonRows(dialect, { app_id: 'int', hash: 'text', last_at: 'int' }, cells);
  const there = await sql<{ app_id: number; hash: string }>`update reports
    set last_at = case when r.last_at > reports.last_at then r.last_at else reports.last_at end from ${rows} as r
    where reports.app_id = r.app_id and reports.hash = r.hash
    returning reports.app_id, reports.hash`.execute(transaction);
  for (const { app_id, hash } of there.rows) newest.delete(keyOf(app_id, hash));
  if (newest.size === 0) return;
  // Parameters of their own: to wrap long texts into JSON and take them out again costs more than all else.
  await transaction
    .insertInto('reports')
    .values(
      [...newest.values()].map(({ appId, report, atMs }) => ({
        ...{ app_id: appId, hash: report.hash, body: report.body, last_at: atMs },
      })),
    )
    .onConflict((conflict) => conflict.columns(['app_id', 'hash']).doNothing())
    .execute();
}
