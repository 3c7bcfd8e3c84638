import type { PortalSettings } from '../portal-parts.ts';
import type { Database } from './database/database.ts';
import { databaseFailure } from './database/database-failure.ts';
import { openSqlite, sqlitePath } from './database/open-sqlite.ts';

export type StoreSettings = Pick<
  PortalSettings,
  'databaseUrl' | 'dataDir' | 'retentionDays' | 'notifications' | 'limits'
>;

/** @throws CrashmonError DATABASE_UNUSABLE */
export async function openDatabase({ databaseUrl, dataDir }: StoreSettings): Promise<Database> {
  try {
    if (databaseUrl === null) return openSqlite(dataDir);
    // 10 MB that SQLite does without.
    const { openPostgres } = await import('./database/open-postgres.ts');
    return openPostgres(databaseUrl);
  } catch (error) {
    throw databaseFailure(sqlitePath(dataDir), error);
  }
}
