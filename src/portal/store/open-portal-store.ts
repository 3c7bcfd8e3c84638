import { assembleStore } from './assemble-store.ts';
import { databaseFailure } from './database/database-failure.ts';
import { openDatabase, type StoreSettings } from './open-database.ts';
import type { PortalStore } from './portal-store.ts';
import { migrate } from './schema/migrate.ts';

/** @throws CrashmonError DATABASE_UNUSABLE or DATABASE_TOO_NEW */
export async function openPortalStore(
  settings: StoreSettings,
  now: () => number = Date.now,
): Promise<PortalStore> {
  const database = await openDatabase(settings);
  try {
    await migrate(database.dialect, database.writer, database.shownName);
    return assembleStore(
      database,
      settings.retentionDays,
      now,
      settings.notifications?.mailTo ?? [],
      settings.limits,
    );
  } catch (error) {
    await database.close().catch(() => {});
    throw databaseFailure(database.shownName, error);
  }
}
