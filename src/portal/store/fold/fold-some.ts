import { sql } from 'kysely';
import { changeApp } from '../change-app.ts';
import type { Database } from '../database/database.ts';
import { type AppLimits, DAY_MS, OTHER_INSTANCE } from '../limits.ts';
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
    const folded = await changeApp(database, app_id, (transaction) => foldSignatures(transaction, app_id));
    if (folded.size === 0) continue;
    forgetGroups(app_id, folded);
    return true;
  }
  for (const { app_id } of await appsOver(database, 'instances', FULL * instances)) {
    const folded = await changeApp(database, app_id, (transaction) =>
      foldInstances(transaction, app_id, { seenBeforeMs: nowMs - DAY_MS, orStopped: true }),
    );
    if (folded > 0) return true;
  }
  return false;
}

/** Folds instances that sent nothing since a time: they went for good. @returns may there be more? */
export async function foldGone(database: Database, seenBeforeMs: number): Promise<boolean> {
  const { rows } = await sql<{
    app_id: number;
  }>`select a.app_id from app_activity as a where exists (select 1 from instances as i
    where i.app_id = a.app_id and i.instance <> ${OTHER_INSTANCE} and i.last_seen < ${seenBeforeMs})
    order by a.app_id`.execute(database.reader);
  for (const { app_id } of rows) {
    const folded = await changeApp(database, app_id, (transaction) =>
      foldInstances(transaction, app_id, { seenBeforeMs, orStopped: false }),
    );
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
    having count(*) > ${Math.floor(most)} order by app_id`.execute(reader);
  return rows;
}
