import { sql } from 'kysely';
import type { Database, WriteTransaction } from './database/database.ts';
import { insertRows } from './database/write-rows.ts';

/** Gives each app a number. */
export async function numberApps(database: Database, names: ReadonlySet<string>): Promise<void> {
  const missing = [...names].filter((name) => !database.appIds.has(name)).toSorted();
  if (missing.length === 0) return;
  const { dialect, writer } = database;
  const rows = missing.map((name) => ({ name }));
  const found = await writer.transaction().execute(async (transaction) => {
    await sql`${insertRows(dialect, 'apps', rows)} order by r.name on conflict (name) do nothing`.execute(
      transaction,
    );
    const numbered = await transaction
      .selectFrom('apps')
      .select(['app_id', 'name'])
      .where('name', 'in', missing)
      .orderBy('app_id')
      .execute();
    await addActivity(transaction, numbered);
    return numbered;
  });
  for (const { app_id, name } of found) database.appIds.set(name, app_id);
}

/**
 * One writer per app at a time, so that what a transaction read stays true until its end. Locks in order: no deadlock. With
 * Citus, one app.
 */
export async function lockApps(
  { dialect }: Pick<Database, 'dialect'>,
  transaction: WriteTransaction,
  appIds: readonly number[],
): Promise<void> {
  // SQLite has only one writer.
  if (dialect === 'sqlite') return;
  const missing = await lock(transaction, appIds);
  if (missing.length === 0) return;
  // A node of Citus can lack what the coordinator has: its standby was promoted without it, or an older backup was restored.
  const numbered = await transaction
    .selectFrom('apps')
    .select('app_id')
    .where('app_id', 'in', missing)
    .execute();
  if (numbered.length > 0) await addActivity(transaction, numbered);
  // Without its row nothing would be locked, and with Citus nothing inserted.
  if ((await lock(transaction, missing)).length > 0) throw new Error('an app without a row in app_activity');
}

/** @returns those without a row */
async function lock(transaction: WriteTransaction, appIds: readonly number[]): Promise<number[]> {
  const locked = await transaction
    .selectFrom('app_activity')
    .select('app_id')
    .where('app_id', 'in', appIds)
    .orderBy('app_id')
    .forUpdate()
    .execute();
  const found = new Set(locked.map(({ app_id }) => app_id));
  return appIds.filter((id) => !found.has(id));
}

async function addActivity(
  transaction: WriteTransaction,
  apps: readonly { app_id: number }[],
): Promise<void> {
  await transaction
    .insertInto('app_activity')
    .values(apps.map(({ app_id }) => ({ app_id, changes: 0, last_crash_at: null })))
    .onConflict((conflict) => conflict.column('app_id').doNothing())
    .execute();
}
