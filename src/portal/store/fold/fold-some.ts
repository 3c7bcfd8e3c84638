import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { AppLimits } from '../limits.ts';
import { lockApps } from '../number-apps.ts';
import { foldInstances } from './fold-instances.ts';
import { foldSignatures } from './fold-signatures.ts';

/** Share of a limit at which folding starts, so that new groups and instances have room. */
const FULL = 0.9;

type Over = { app_id: number; n: number };

/**
 * One small step for an app near a limit: folds its oldest unimportant groups into one, or its instances that are gone.
 * Totals stay the same. @returns may there be more?
 */
export async function foldSome(
  database: Database,
  { signatures, instances }: AppLimits,
  forgetGroups: (appId: number, groups: ReadonlySet<string>) => void,
  nowMs: number,
): Promise<boolean> {
  for (const { app_id } of await appsOver(database, 'signatures', FULL * signatures)) {
    const folded = await inApp(database, app_id, (transaction) => foldSignatures(transaction, app_id));
    if (folded.size === 0) continue;
    forgetGroups(app_id, folded);
    return true;
  }
  for (const { app_id } of await appsOver(database, 'instances', FULL * instances)) {
    const folded = await inApp(database, app_id, (transaction) => foldInstances(transaction, app_id, nowMs));
    if (folded > 0) return true;
  }
  return false;
}

async function appsOver(
  { reader }: Database,
  table: 'signatures' | 'instances',
  most: number,
): Promise<Over[]> {
  const { rows } = await sql<Over>`select app_id, count(*) as n from ${sql.table(table)} group by app_id
    having count(*) > ${most} order by app_id`.execute(reader);
  return rows;
}

function inApp<Result>(
  database: Database,
  appId: number,
  work: (transaction: WriteTransaction) => Promise<Result>,
): Promise<Result> {
  return database.writer.transaction().execute(async (transaction) => {
    await lockApps(database, transaction, [appId]);
    const result = await work(transaction);
    await transaction
      .updateTable('apps')
      .set((of) => ({ changes: of('changes', '+', 1) }))
      .where('app_id', '=', appId)
      .execute();
    return result;
  });
}
