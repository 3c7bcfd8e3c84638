import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tryToWrite } from '../../journal/try-to-write.ts';
import { hasOomCounter } from '../../worker/oom-counter.ts';
import { placeFault } from '../../worker/stderr-file.ts';
import type { CliContext } from '../context.ts';
import { killSwitch } from '../start/kill-switch.ts';
import { type Check, failure, ok, warning } from './check.ts';

const NEEDED_BYTES = 64 * 1024 * 1024;

/** What the machine and the environment must offer, whatever the command. */
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
  if (why === null) return ok('kill-switch', 'Monitoring is not switched off by the environment.');
  return failure(
    'kill-switch',
    `Monitoring is switched off: ${why}.`,
    'Unset the variable, or set it to true.',
  );
}

const NO_STATE_DIR = failure(
  'state-dir',
  'There is no home directory to keep state in: crashes are not remembered, and none is captured.',
  'Give a directory with --state-dir or CRASHMON_STATE_DIR, or set HOME.',
);

/** Looks where the state would be made, and leaves nothing there. */
function checkStateDir(stateDir: string): Check {
  const existing = existingParent(stateDir);
  const advice = 'Give another one with --state-dir or CRASHMON_STATE_DIR, or make room.';
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
    return ok('state-dir', `The state directory ${stateDir} can be written.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failure('state-dir', `The state directory ${stateDir} cannot be written (${code}).`, advice);
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
    return `${directory} cannot be written (${(error as NodeJS.ErrnoException).code})`;
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
    return ok('stderr-bound', 'The file behind standard error stays small even while crashmon is stopped.');
  }
  return warning(
    'stderr-bound',
    'fallocate or tail is missing or too simple (busybox): only a running crashmon bounds standard error.',
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
