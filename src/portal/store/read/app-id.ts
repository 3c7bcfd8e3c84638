import type { Database } from '../database/database.ts';

/** null if no records of the app ever arrived. */
export async function findApp({ reader, appIds }: Database, app: string): Promise<number | null> {
  const known = appIds.get(app);
  if (known !== undefined) return known;
  const row = await reader.selectFrom('apps').select('app_id').where('name', '=', app).executeTakeFirst();
  if (row !== undefined) appIds.set(app, row.app_id);
  return row?.app_id ?? null;
}
