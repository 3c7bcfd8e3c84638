import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tryToWrite } from '../../journal/try-to-write.ts';
import { killSwitch } from '../../policy/kill-switch.ts';
import { hasOomCounter } from '../../worker/oom-counter.ts';
import { placeFault } from '../../worker/stderr-file.ts';
import type { CliContext } from '../context.ts';
import { type Check, failure, ok, warning } from './check.ts';

const NEEDED_BYTES = 64 * 1024 * 1024;

/** Checks that do not depend on the command. */
export function checkMachine(stateDir: string | null, context: CliContext): Check[] {
  return [
    checkSwitch(context),
    stateDir === null ? NO_STATE_DIR : checkStateDir(stateDir),
    ...(stateDir === null ? [] : [checkStderrPlace(stateDir)]),
    checkKeeperTools(),
    checkOomCounter(),
  ];
}

function checkSwitch({ env }: CliContext): Check {
  const why = killSwitch(env);
  if (why === null) return ok('kill-switch', 'No environment variable switches monitoring off.');
  return failure(
    'kill-switch',
    `Monitoring is switched off: ${why}.`,
    'Unset the variable, or set it to true.',
  );
}

const WRITABLE = 'Make it writable, or give another directory with --state-dir or CRASHMON_STATE_DIR.';
const NO_STATE_DIR = failure(
  'state-dir',
  'No home directory for the state: crashes are neither recorded nor captured.',
  'Give a directory with --state-dir or CRASHMON_STATE_DIR, or set HOME.',
);

/** Leaves nothing behind. */
function checkStateDir(stateDir: string): Check {
  const existing = existingParent(stateDir);
  const advice = 'Free some space, or give another directory with --state-dir or CRASHMON_STATE_DIR.';
  try {
    const made = mkdtempSync(join(existing, '.crashmon-doctor-'));
    try {
      tryToWrite(made);
    } finally {
      rmdirSync(made);
    }
    const { bavail, bsize } = statfsSync(existing);
    if (bavail * bsize < NEEDED_BYTES) {
      return warning('state-dir', `The state directory ${stateDir} has less than 64 MB free.`, advice);
    }
    return ok('state-dir', `The state directory ${stateDir} is writable.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failure('state-dir', `The state directory ${stateDir} is not writable (${code}).`, WRITABLE);
  }
}

function checkStderrPlace(stateDir: string): Check {
  const memory = stderrFault('/dev/shm', true);
  if (memory === null) return ok('stderr', 'Standard error is kept in memory as evidence (/dev/shm).');
  const disk = stderrFault(existingParent(stateDir), false);
  if (disk === null) {
    return ok('stderr', `Standard error is kept in the state directory as evidence (${memory}).`);
  }
  return warning(
    'stderr',
    `Standard error is not used as evidence (${memory}; ${disk}).`,
    'Enlarge /dev/shm (docker run --shm-size 256m), or give the state directory 1 GB.',
  );
}

function stderrFault(directory: string, inMemory: boolean): string | null {
  try {
    accessSync(directory, constants.W_OK);
    return placeFault(directory, inMemory);
  } catch (error) {
    return `${directory} is not writable (${(error as NodeJS.ErrnoException).code})`;
  }
}

function existingParent(directory: string): string {
  let existing = directory;
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing);
  return existing;
}

function checkKeeperTools(): Check {
  const fallocate = spawnSync('fallocate', ['--help'], { encoding: 'utf8' });
  const tail = spawnSync('tail', ['--help'], { encoding: 'utf8' });
  if (`${fallocate.stdout}`.includes('--punch-hole') && `${tail.stdout}`.includes('--pid')) {
    return ok('stderr-bound', 'The standard error file stays small even while crashmon is stopped.');
  }
  return warning(
    'stderr-bound',
    'fallocate or tail is missing or lacks options (busybox): the standard error file is bounded only while crashmon runs.',
    'Install the packages util-linux and coreutils.',
  );
}

function checkOomCounter(): Check {
  if (hasOomCounter()) {
    return ok('oom-counter', 'OOM kills are recognized (by the cgroup’s oom_kill counter).');
  }
  return warning(
    'oom-counter',
    'The cgroup’s oom_kill counter cannot be read: an OOM kill looks like any SIGKILL.',
    'Mount the cgroup file system into the container (it is by default).',
  );
}
