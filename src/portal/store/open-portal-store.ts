import { assembleStore } from './assemble-store.ts';
import { databaseFailure } from './database/database-failure.ts';
import { openDatabase, type StoreSettings } from './open-database.ts';
import type { PortalStore } from './portal-store.ts';
import { prepareDatabase } from './prepare-database.ts';

/** @throws CrashmonError DATABASE_UNUSABLE or DATABASE_TOO_NEW */
export async function openPortalStore(
  settings: StoreSettings,
  now: () => number = Date.now,
): Promise<PortalStore> {
  const database = await openDatabase(settings);
  try {
    return assembleStore(
      await prepareDatabase(settings, database),
      settings.retentionDays,
      now,
      settings.notifications?.mailTo ?? [],
      settings.limits,
      settings.instanceRetentionMs,
    );
  } catch (error) {
    await database.close().catch(() => {});
    throw databaseFailure(database.shownName, error);
  }
}
