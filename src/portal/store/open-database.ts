import type { PortalSettings } from '../portal-parts.ts';
import type { Database } from './database/database.ts';
import { databaseFailure } from './database/database-failure.ts';
import { openPostgres } from './database/open-postgres.ts';
import { openSqlite, sqlitePath } from './database/open-sqlite.ts';

export type StoreSettings = Pick<PortalSettings, 'databaseUrl' | 'dataDir' | 'retentionDays' | 'notices'>;

/** @throws CrashmonError DATABASE_UNUSABLE */
export function openDatabase({ databaseUrl, dataDir }: StoreSettings): Database {
  try {
    return databaseUrl === null ? openSqlite(dataDir) : openPostgres(databaseUrl);
  } catch (error) {
    throw databaseFailure(sqlitePath(dataDir), error);
  }
}
