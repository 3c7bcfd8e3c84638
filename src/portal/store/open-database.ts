import type { Database } from './database/database.ts';
import { databaseFailure } from './database/database-failure.ts';
import { openSqlite, sqlitePath } from './database/open-sqlite.ts';
import type { AppLimits } from './limits.ts';

export type StoreSettings = {
  /** `postgres://…`, or null for SQLite in `dataDir`. */
  databaseUrl: string | null;
  /** Distributes the tables of apps over the nodes of Citus if they are not yet. */
  citus?: boolean;
  /** Absolute. */
  dataDir: string;
  retentionDays: number;
  /** Recipients for apps without recipients of their own. */
  notifications?: { mailTo: readonly string[] };
  /** `APP_LIMITS` by default. */
  limits?: AppLimits;
  /** `INSTANCE_RETENTION_MS` by default. */
  instanceRetentionMs?: number;
};

/** @throws CrashmonError DATABASE_UNUSABLE */
export async function openDatabase({ databaseUrl, dataDir }: StoreSettings): Promise<Database> {
  try {
    if (databaseUrl === null) return openSqlite(dataDir);
    // Loaded only if needed: 10 MB.
    const { openPostgres } = await import('./database/open-postgres.ts');
    return openPostgres(databaseUrl);
  } catch (error) {
    throw databaseFailure(sqlitePath(dataDir), error);
  }
}
