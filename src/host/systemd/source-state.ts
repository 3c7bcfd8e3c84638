import { readFileSync } from 'node:fs';
import { replacePrivateFile } from '../../journal/replace-private-file.ts';
import type { UnitEnd } from './pending-ends.ts';
import type { StoredAccounts } from './unit-accounts.ts';

/** What a source of systemd's units keeps for the next agent. */
export type SourceState = {
  /** Entries of the journal up to here have been read, and what they say is stored. */
  cursor: string | null;
  /** How much of what systemd counts is explained; null: none of it. */
  accounts: StoredAccounts | null;
  /** Exits that were seen and are not stored yet. */
  ends: readonly UnitEnd[];
  /** Runs that ended unseen, and whose number is not stored yet. */
  missed: readonly MissedCount[];
};

/** `id`: it is counted once, however often it is reported. */
export type MissedCount = { id: string; unit: string; count: number };

const MAX_BYTES = 16 * 1024 * 1024;

/** null if there is none, or it is damaged. */
export function readSourceState(path: string): SourceState | null {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_BYTES) return null;
    const { cursor, accounts = null, ends = [], missed = [] } = JSON.parse(text) as Partial<SourceState>;
    if (typeof cursor !== 'string' && cursor !== null) return null;
    const isWhole = Array.isArray(ends) && Array.isArray(missed) && isAccounts(accounts);
    return isWhole ? { cursor, accounts, ends, missed } : null;
  } catch {
    return null;
  }
}

function isAccounts(accounts: StoredAccounts | null): boolean {
  if (accounts === null) return true;
  const { bootId, units, closed } = accounts;
  return typeof bootId === 'string' && typeof units === 'object' && units !== null && Array.isArray(closed);
}

/** @throws where it cannot be written */
export function writeSourceState(path: string, state: SourceState): void {
  replacePrivateFile(path, JSON.stringify(state));
}
