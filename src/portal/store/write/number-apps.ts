import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../database/database.ts';
import { jsonRows } from '../database/json-rows.ts';

/** The numbers of apps, made where there is none. */
export async function numberApps(database: Database, names: ReadonlySet<string>): Promise<void> {
  const missing = [...names].filter((name) => !database.appIds.has(name)).toSorted();
  if (missing.length === 0) return;
  const { dialect, writer } = database;
  const rows = jsonRows(
    dialect,
    { name: 'text' },
    missing.map((name) => [name]),
  );
  await writer.transaction().execute(async (transaction) => {
    await sql`insert into apps (name) select r.name from ${rows} as r where true order by r.name
      on conflict (name) do nothing`.execute(transaction);
  });
  const found = await writer
    .selectFrom('apps')
    .select(['app_id', 'name'])
    .where('name', 'in', missing)
    .execute();
  for (const { app_id, name } of found) database.appIds.set(name, app_id);
}

/** One writer of an app at a time, so that what a transaction read stays true until it ends. Apps in order: no deadlock. */
export async function lockApps(
  { dialect }: Database,
  transaction: WriteTransaction,
  appIds: readonly number[],
): Promise<void> {
  // SQLite has one writer anyway.
  if (dialect === 'sqlite') return;
  await transaction
    .selectFrom('apps')
    .select('app_id')
    .where('app_id', 'in', appIds)
    .orderBy('app_id')
    .forUpdate()
    .execute();
}
