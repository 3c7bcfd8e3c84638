import { resolveStateDir } from '../../journal/resolve-state-dir.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';

/** PATH_MAX without the final NUL. */
const MAX_BYTES = 4095;

/**
 * The state directory from `--state-dir` or the environment.
 * @throws CrashmonError BAD_OPTION
 */
export function stateDirOf(option: string | undefined, context: CliContext): string {
  const stateDir = stateDirIfAny(option, context);
  if (stateDir !== null) return stateDir;
  throw new CrashmonError('BAD_OPTION', 'No home directory for the state: give --state-dir <directory>.');
}

/** The same, null without a home directory: a worker also runs without state. */
export function stateDirIfAny(
  option: string | undefined,
  { env, uid }: Pick<CliContext, 'env' | 'uid'>,
): string | null {
  if (option !== undefined && Buffer.byteLength(option) > MAX_BYTES) {
    throw new CrashmonError('BAD_OPTION', `--state-dir is longer than a path can be (${MAX_BYTES} bytes).`);
  }
  return resolveStateDir({ option, env, uid });
}
