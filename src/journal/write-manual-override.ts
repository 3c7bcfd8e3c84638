import type { ManualOverride } from '../model/policy.ts';
import { writeDocument } from './documents.ts';
import { writeBesideAgent } from './write-beside-agent.ts';

/**
 * Sets or clears the operator's override.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function writeManualOverride(directory: string, override: ManualOverride, nowMs: number): void {
  writeBesideAgent(directory, (database) => writeDocument(database, 'manual', { override, setAtMs: nowMs }));
}
