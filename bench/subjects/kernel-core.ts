import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PATTERN = '/proc/sys/kernel/core_pattern';
const MB = 1e6;

/** How the kernel is brought to write a core into a directory that the dying process runs in. */
export type KernelCores = Disposable;

/**
 * The pattern is the whole machine's. One that names a plain file is left as it is; else it is changed, by root alone,
 * until disposal or the end of the bench, signals included (they end it by `process.exit`).
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

/** Why no core of that size shall be written; the disk is never filled by a bench. */
export function lacksSpaceFor(megabytes: number, directory: string): string | null {
  const { bavail, bsize } = statfsSync(directory);
  const freeMb = (bavail * bsize) / MB;
  const neededMb = megabytes * 3;
  return freeMb < neededMb
    ? `${Math.round(freeMb / 1000)} of ${Math.round(neededMb / 1000)} GB are free`
    : null;
}

/** Why systemd-coredump cannot be measured beside the others, null where it takes the cores of this machine. */
export function lacksSystemdCoredump(): string | null {
  const program = ['/usr/lib', '/lib']
    .map((root) => join(root, 'systemd', 'systemd-coredump'))
    .find(existsSync);
  if (program === undefined) return 'systemd-coredump is not installed';
  if (!existsSync('/run/systemd/system')) return 'systemd does not run';
  return readFileSync(PATTERN, 'utf8').includes('systemd-coredump') ? null : 'core_pattern does not name it';
}
