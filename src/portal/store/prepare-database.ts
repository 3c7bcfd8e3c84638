import type { Database } from './database/database.ts';
import type { StoreSettings } from './open-database.ts';
import { APP_TABLES } from './schema/app-tables.ts';
import { migrate } from './schema/migrate.ts';

/**
 * Brings the schema up to date, and distributes the tables of apps where `citus` is given or some are distributed already.
 *
 * @returns the database with the dialect that it needs
 * @throws CrashmonError DATABASE_UNUSABLE or DATABASE_TOO_NEW
 */
export async function prepareDatabase(settings: StoreSettings, database: Database): Promise<Database> {
  const { dialect, writer, shownName } = database;
  const { databaseUrl, citus = false } = settings;
  if (databaseUrl === null || !citus) await migrate(dialect, writer, shownName);
  if (databaseUrl === null) return database;
  const { distribute, listDistributed, requireCitus } = await import('./database/distribute.ts');
  if (!citus) {
    const { size } = await listDistributed(database.reader);
    if (size === 0) return database;
    // A new version can have added tables.
    if (size === APP_TABLES.length) return { ...database, dialect: 'citus' };
  }
  const { openAdmin } = await import('./database/open-postgres.ts');
  const admin = openAdmin(databaseUrl);
  try {
    await requireCitus(admin, shownName);
    await migrate(dialect, admin, shownName);
    await distribute(admin, shownName);
  } finally {
    await admin.destroy();
  }
  return { ...database, dialect: 'citus' };
}
