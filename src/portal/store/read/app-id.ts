import type { Database } from '../database/database.ts';

/** null: nothing was ever sent of an app of that name. */
export async function findApp({ reader }: Database, app: string): Promise<number | null> {
  const row = await reader.selectFrom('apps').select('app_id').where('name', '=', app).executeTakeFirst();
  return row?.app_id ?? null;
}
