import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint } from '../../src/formats/fingerprint.ts';

export type Leftovers = {
  /** `pid command line` of each process that has the state directory or its name in its environment or arguments. */
  readonly processes: readonly string[];
  /** What only a crash in progress may have: raw captures, and standard error that was not emptied. */
  readonly files: readonly string[];
};

/**
 * Fails when anything of one crashmon lives on: processes started by it (an heir of the environment counts, whatever
 * its process group) or files that should be gone (raw captures, the worker's words). What is ending gets `graceMs`: the
 * last notifier stays for ten seconds, and the reports of the last crashes are written one after the other. Call it after
 * crashmon was stopped and before the state directory is removed.
 */
export async function assertNothingLeft(stateDir: string, graceMs = 60_000): Promise<void> {
  const deadline = performance.now() + graceMs;
  for (;;) {
    const { processes, files } = leftovers(stateDir);
    if (processes.length + files.length === 0) return;
    // There is no event for the exit of a process that is not a child.
    if (performance.now() > deadline) {
      throw new Error(`left over:\n${[...processes, ...files].join('\n')}`);
    }
    await delay(20);
  }
}

export function leftovers(stateDir: string): Leftovers {
  // What only knows the standard error file (its keeper) is found by the file's name.
  const marks = [stateDir, ...slots(stateDir).map(standardErrorName)];
  const processes = marks.flatMap(processesMarked);
  return {
    processes: processes.map(({ pid, commandLine }) => `${pid} ${commandLine}`),
    files: [
      ...slots(stateDir).flatMap((slot) => directoriesIn(path.join(slot, 'raw'))),
      // One that another process has removed since it was listed is not left over.
      ...standardErrorFiles(stateDir).filter(
        (file) => file.endsWith('.log') && (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0,
      ),
    ],
  };
}

/** Processes, zombies left out, whose environment or arguments contain the text; never the caller itself. */
export function processesMarked(text: string): { pid: number; commandLine: string }[] {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    // A zombie's environment reads as empty.
    const environment = read(`/proc/${entry}/environ`);
    const commandLine = read(`/proc/${entry}/cmdline`);
    if (environment.includes(text) || commandLine.includes(text)) {
      found.push({ pid, commandLine: commandLine.replaceAll('\0', ' ').trim() });
    }
  }
  return found;
}

/** Slot directories `<state-dir>/apps/<app>/<instance>`, see docs/design.md. */
function slots(stateDir: string): string[] {
  const apps = path.join(stateDir, 'apps');
  return directoriesIn(apps).flatMap(directoriesIn);
}

/** As `src/worker/stderr-file.ts` names it. */
function standardErrorName(slot: string): string {
  return fingerprint(slot);
}

/** The files, and marks beside them, that stand for the workers' standard error; empty ones included. */
export function standardErrorFiles(stateDir: string): string[] {
  const inMemory = directoriesIn('/dev/shm').filter((directory) =>
    path.basename(directory).startsWith('crashmon-'),
  );
  return slots(stateDir).flatMap((slot) =>
    [...inMemory, path.join(slot, 'stderr')].flatMap((directory) =>
      entriesIn(directory)
        .filter(({ name }) => name.startsWith(standardErrorName(slot)))
        .map(({ name }) => path.join(directory, name)),
    ),
  );
}

function directoriesIn(directory: string): string[] {
  return entriesIn(directory)
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(directory, entry.name));
}

function entriesIn(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** '' for a process that went away meanwhile or belongs to another user. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
