import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PATTERN = '/proc/sys/kernel/core_pattern';
const MB = 1e6;

/** Makes the kernel write a core into the working directory of the crashing process. */
export type KernelCores = Disposable;

/**
 * The pattern applies to the whole machine. A plain file name is left as it is. Else root changes it until disposal or
 * the end of the bench, also by a signal.
 */
export function kernelCores(directory: string): KernelCores | { cannotRun: string } {
  const before = readFileSync(PATTERN, 'utf8').trim();
  if (/^core[^/|@]*$/.test(before)) return { [Symbol.dispose]: () => {} };
  if (process.getuid?.() !== 0) return { cannotRun: 'only root may change core_pattern' };
  const restore = (): void => writeFileSync(PATTERN, before);
  process.on('exit', restore);
  try {
    writeFileSync(PATTERN, join(directory, 'core'));
  } catch (error) {
    process.off('exit', restore);
    return { cannotRun: `core_pattern cannot be changed (${(error as NodeJS.ErrnoException).code})` };
  }
  return {
    [Symbol.dispose]() {
      process.off('exit', restore);
      restore();
    },
  };
}

/** Why no core of that size is written: the bench never fills the disk. */
export function lacksSpaceFor(megabytes: number, directory: string): string | null {
  const { bavail, bsize } = statfsSync(directory);
  const freeMb = (bavail * bsize) / MB;
  const neededMb = megabytes * 3;
  return freeMb < neededMb
    ? `${Math.round(freeMb / 1000)} of ${Math.round(neededMb / 1000)} GB are free`
    : null;
}

/** Why systemd-coredump cannot be measured, null if it handles this machine's cores. */
export function lacksSystemdCoredump(): string | null {
  const program = ['/usr/lib', '/lib']
    .map((root) => join(root, 'systemd', 'systemd-coredump'))
    .find(existsSync);
  if (program === undefined) return 'systemd-coredump is not installed';
  if (!existsSync('/run/systemd/system')) return 'systemd does not run';
  return readFileSync(PATTERN, 'utf8').includes('systemd-coredump') ? null : 'core_pattern does not name it';
}
