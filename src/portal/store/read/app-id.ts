import type { Database } from '../database/database.ts';

/** null if no records of the app ever arrived. */
export async function findApp({ reader, appIds }: Database, app: string): Promise<number | null> {
  const known = appIds.get(app);
  if (known !== undefined) return known;
  const row = await reader.selectFrom('apps').select('app_id').where('name', '=', app).executeTakeFirst();
  if (row !== undefined) appIds.set(app, row.app_id);
  return row?.app_id ?? null;
}

/** Names of apps by their numbers. With Citus, no statement joins them with what belongs to apps. */
export async function namesOfApps(
  from: Pick<Database['reader'], 'selectFrom'>,
  appIds: readonly number[],
): Promise<Map<number, string>> {
  if (appIds.length === 0) return new Map();
  const rows = await from
    .selectFrom('apps')
    .select(['app_id', 'name'])
    .where('app_id', 'in', [...new Set(appIds)])
    .execute();
  return new Map(rows.map(({ app_id, name }) => [app_id, name]));
}
