import { resolveStateDir } from '../journal/resolve-state-dir.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { CliContext } from './context.ts';

/** PATH_MAX with its final NUL. */
const MAX_BYTES = 4095;

/** What `--state-dir` and its environment come to. */
export function stateDirOf(option: string | undefined, { env, uid }: CliContext): string {
  if (option !== undefined && Buffer.byteLength(option) > MAX_BYTES) {
    throw new CrashmonError('BAD_OPTION', `--state-dir is longer than a path can be (${MAX_BYTES} bytes).`);
  }
  return resolveStateDir({ option, env, uid });
}
