import { isAbsolute, join, resolve } from 'node:path';
import { CrashmonError } from '../model/crashmon-error.ts';

export type StateDirInput = {
  /** `--state-dir`; relative to the current directory. */
  option?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  uid: number;
};

/**
 * Where journals are: `--state-dir`, else CRASHMON_STATE_DIR, else `/var/lib/crashmon` for root, else below
 * `$XDG_STATE_HOME` or `~/.local/state`; null if there is no home. Touches no file.
 * @throws CrashmonError BAD_OPTION for an empty option
 */
export function resolveStateDir({ option, env, uid }: StateDirInput): string | null {
  if (option === '') throw new CrashmonError('BAD_OPTION', '--state-dir needs a directory.');
  const named = option ?? env.CRASHMON_STATE_DIR;
  if (named) return resolve(named);
  if (uid === 0) return '/var/lib/crashmon';
  // The XDG base directory specification: ignore a relative path.
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, 'crashmon');
  if (env.HOME && isAbsolute(env.HOME)) return join(env.HOME, '.local', 'state', 'crashmon');
  return null;
}
