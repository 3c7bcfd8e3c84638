import { CrashmonError } from '../model/crashmon-error.ts';

const ADVICE: Record<string, string> = {
  EACCES: 'permission denied: run crashmon as the user it belongs to, or give another --state-dir',
  EPERM: 'permission denied: run crashmon as the user it belongs to, or give another --state-dir',
  EROFS: 'the file system is read-only: give another --state-dir',
  ENOSPC: 'the disk is full: free some space, or give another --state-dir',
  EDQUOT: 'the disk quota is used up: free some space, or give another --state-dir',
  ENOTDIR: 'a part of the path is not a directory: give another --state-dir',
  ENAMETOOLONG: 'the path is too long: give a shorter --state-dir',
  ELOOP: 'it is a symbolic link, which crashmon does not follow here: remove it',
};

/** The error for a path below the state directory that cannot be used: one line, with what to do. */
export function unusable(path: string, cause: unknown): CrashmonError {
  if (cause instanceof CrashmonError) return cause;
  const code = errorCode(cause);
  const advice = ADVICE[code] ?? `${code || 'unknown error'}: give another --state-dir`;
  return new CrashmonError('STATE_DIR_UNUSABLE', `Cannot use ${path}: ${advice}.`, { cause });
}

/** `code` of a system error, '' if there is none. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
