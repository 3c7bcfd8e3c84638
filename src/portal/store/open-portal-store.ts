import { CrashmonError } from '../../model/crashmon-error.ts';
import type { PortalParts, PortalSettings } from '../portal-parts.ts';
import type { PortalStore } from './portal-store.ts';

/** @throws CrashmonError DATABASE_UNUSABLE or DATABASE_TOO_NEW */
export async function openPortalStore(
  _settings: Pick<PortalSettings, 'databaseUrl' | 'dataDir' | 'retentionDays'>,
  _log: PortalParts['log'],
): Promise<PortalStore> {
  throw new CrashmonError('DATABASE_UNUSABLE', 'There is no store yet.');
}
