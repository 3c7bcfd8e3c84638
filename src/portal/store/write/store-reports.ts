import { sql } from 'kysely';
import { fromRows } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';
import type { StoredCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

/** Stores each report body once; a body that is stored already gets the time of its newest crash and is kept longer. */
export async function storeReports(
  { dialect, transaction }: WriteContext,
  crashes: readonly StoredCrash[],
): Promise<void> {
  const rows = new Map<string, Row<'reports'>>();
  for (const { appId, atMs, finding } of crashes) {
    if (finding.report === null) continue;
    const { hash, body } = finding.report;
    const key = keyOf(appId, hash);
    if ((rows.get(key)?.last_at ?? -1) < atMs) rows.set(key, { app_id: appId, hash, body, last_at: atMs });
  }
  if (rows.size === 0) return;
  const used = [...rows.values()].map(({ app_id, hash, last_at }) => ({ app_id, hash, last_at }));
  const stored = await sql<Pick<Row<'reports'>, 'app_id' | 'hash'>>`update reports
    set last_at = case when r.last_at > reports.last_at then r.last_at else reports.last_at end
    ${fromRows(dialect, 'reports', used)}
    returning reports.app_id, reports.hash`.execute(transaction);
  for (const { app_id, hash } of stored.rows) rows.delete(keyOf(app_id, hash));
  if (rows.size === 0) return;
  // One parameter each: putting long texts into JSON and taking them out again costs more than everything else.
  await transaction
    .insertInto('reports')
    .values([...rows.values()])
    .onConflict((conflict) => conflict.columns(['app_id', 'hash']).doNothing())
    .execute();
}
