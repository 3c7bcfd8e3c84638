import { CrashmonError } from '../model/crashmon-error.ts';
import { unusable } from './unusable.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html) that are handled here. */
const CODE = {
  error: 1,
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

const ADVICE: Record<number, string> = {
  [CODE.permission]: 'permission denied: run crashmon as the user it belongs to',
  [CODE.busy]: 'another process has locked it: try again',
  [CODE.locked]: 'another process has locked it: try again',
  [CODE.readOnly]: 'it cannot be written: check permissions and mount, or give another --state-dir',
  [CODE.ioError]: 'disk read or write error: check its space and health, or give another --state-dir',
  [CODE.full]: 'the disk is full: free some space, or give another --state-dir',
  [CODE.cannotOpen]: 'it cannot be opened: check permissions and space, or give another --state-dir',
};

/** Turns any error of a journal operation into the CrashmonError that this room throws. */
export function journalFailure(path: string, error: unknown): CrashmonError {
  if (error instanceof CrashmonError) return error;
  const code = primaryCode(error);
  // A SyntaxError comes from invalid JSON.
  if (code === null && !(error instanceof SyntaxError)) return unusable(path, error);
  const advice = ADVICE[code ?? CODE.corrupt];
  if (advice !== undefined) {
    return new CrashmonError('STATE_DIR_UNUSABLE', `Cannot use ${path}: ${advice}.`, { cause: error });
  }
  const message = `The journal ${path} is damaged: at its next start crashmon renames it and begins a new one.`;
  return new CrashmonError('JOURNAL_DAMAGED', message, { cause: error });
}

export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === CODE.busy || code === CODE.locked;
}

/** Is the file itself damaged: no database, malformed, or with other tables than its version says? */
export function isDamage(error: unknown): boolean {
  if (error instanceof CrashmonError) return error.code === 'JOURNAL_DAMAGED';
  const code = primaryCode(error);
  return code === CODE.corrupt || code === CODE.notADatabase || code === CODE.error;
}

function primaryCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return null;
  // Extended codes keep the primary one in the low byte.
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}
