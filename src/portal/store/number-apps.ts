import { sql } from 'kysely';
import type { Database, WriteTransaction } from './database/database.ts';
import { insertRows } from './database/write-rows.ts';

/** Gives each app a number. */
export async function numberApps(database: Database, names: ReadonlySet<string>): Promise<void> {
  const missing = [...names].filter((name) => !database.appIds.has(name)).toSorted();
  if (missing.length === 0) return;
  const { dialect, writer } = database;
  const rows = missing.map((name) => ({ name }));
  await writer.transaction().execute(async (transaction) => {
    await sql`${insertRows(dialect, 'apps', rows)} order by r.name on conflict (name) do nothing`.execute(
      transaction,
    );
  });
  const found = await writer
    .selectFrom('apps')
    .select(['app_id', 'name'])
    .where('name', 'in', missing)
    .execute();
  for (const { app_id, name } of found) database.appIds.set(name, app_id);
}

/** One writer per app at a time, so that what a transaction read stays true until its end. Locks in order: no deadlock. */
export async function lockApps(
  { dialect }: Database,
  transaction: WriteTransaction,
  appIds: readonly number[],
): Promise<void> {
  // SQLite has only one writer.
  if (dialect === 'sqlite') return;
  await transaction
    .selectFrom('apps')
    .select('app_id')
    .where('app_id', 'in', appIds)
    .orderBy('app_id')
    .forUpdate()
    .execute();
}
