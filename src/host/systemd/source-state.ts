import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What of a unit outlives the agent. */
export type StoredUnit = {
  /** NRestarts, as last seen. */
  restarts: number;
  /** Its newest run was reported as ended, and NRestarts does not count the restart yet. */
  isWaiting: boolean;
};

export type SourceState = {
  /** Entries of the journal up to here have been read, and what they say is stored. */
  cursor: string | null;
  units: Record<string, StoredUnit>;
};

const MAX_BYTES = 4 * 1024 * 1024;

/** null if there is none, or it is damaged. */
export function readSourceState(path: string): SourceState | null {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_BYTES) return null;
    const { cursor, units } = JSON.parse(text) as Partial<SourceState>;
    const isText = typeof cursor === 'string' || cursor === null;
    return isText && typeof units === 'object' && units !== null ? { cursor, units } : null;
  } catch {
    return null;
  }
}

/** @throws where it cannot be written */
export function writeSourceState(path: string, state: SourceState): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
