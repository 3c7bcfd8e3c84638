import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint } from '../../src/formats/fingerprint.ts';

/** There is no event for the exit of a process that is not a child. */
const POLL_MS = 20;
const GRACE_MS = 120_000;

export type Marked = { readonly pid: number; readonly commandLine: string };

export type Leftovers = {
  /** Each process that has the state directory or its name in its environment or arguments. */
  readonly processes: readonly Marked[];
  /** What only a crash in progress may have: raw captures, and standard error that was not emptied. */
  readonly files: readonly string[];
};

/**
 * Fails when anything of one crashmon lives on: processes started by it (an heir of the environment counts, whatever
 * its process group) or files that should be gone (raw captures, the worker's words). What is ending gets `graceMs`: the
 * last notifier stays for ten seconds, and the reports of the last crashes are written one after the other. Call it after
 * crashmon was stopped and before the state directory is removed.
 */
export async function assertNothingLeft(stateDir: string, graceMs = GRACE_MS): Promise<void> {
  const deadline = performance.now() + graceMs;
  for (;;) {
    const { processes, files } = leftovers(stateDir);
    if (processes.length + files.length === 0) return;
    if (performance.now() > deadline) {
      throw new Error(`left over:\n${[...linesOf(processes), ...files].join('\n')}`);
    }
    if (processes.length > 0) await untilOneEnds(processes);
    else await delay(POLL_MS);
  }
}

/** Until no process is marked, see `processesMarked`; fails after two minutes. */
export async function untilNoneMarked(text: string): Promise<void> {
  const deadline = performance.now() + GRACE_MS;
  for (;;) {
    const marked = processesMarked(text);
    if (marked.length === 0) return;
    if (performance.now() > deadline) throw new Error(`still there:\n${linesOf(marked).join('\n')}`);
    await untilOneEnds(marked);
  }
}

function linesOf(processes: readonly Marked[]): string[] {
  return processes.map(({ pid, commandLine }) => `${pid} ${commandLine}`);
}

export function leftovers(stateDir: string): Leftovers {
  // What only knows the standard error file (its keeper) is found by the file's name.
  const marks = [stateDir, ...slots(stateDir).map(standardErrorName)];
  return {
    processes: processesMarked(...marks),
    files: [
      ...slots(stateDir).flatMap((slot) => directoriesIn(path.join(slot, 'raw'))),
      // One that another process has removed since it was listed is not left over.
      ...standardErrorFiles(stateDir).filter(
        (file) => file.endsWith('.log') && (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0,
      ),
      ...placesInMemory(stateDir),
    ],
  };
}

/** Processes, zombies left out, whose environment or arguments contain one of the texts; never the caller itself. */
export function processesMarked(...texts: readonly string[]): Marked[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const commandLine = read(`/proc/${entry}/cmdline`);
    const isIn = (words: string) => texts.some((text) => words.includes(text));
    return isIn(commandLine) || isIn(read(`/proc/${entry}/environ`))
      ? [{ pid, commandLine: commandLine.replaceAll('\0', ' ').trim() }]
      : [];
  });
}

/** Or a second at most: a process can become another one. Reads less than a look at all processes of the machine. */
async function untilOneEnds(processes: readonly Marked[]): Promise<void> {
  const until = performance.now() + 1_000;
  // What a zombie was started with reads as empty.
  const areThere = () => processes.every(({ pid }) => read(`/proc/${pid}/cmdline`) !== '');
  while (areThere() && performance.now() < until) await delay(POLL_MS);
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
  return slots(stateDir).flatMap((slot) =>
    [...memoryDirectories(), path.join(slot, 'stderr')].flatMap((directory) =>
      entriesIn(directory)
        .filter((entry) => entry.isFile() && entry.name.startsWith(standardErrorName(slot)))
        .map(({ name }) => path.join(directory, name)),
    ),
  );
}

/** Directories that probes write to while their workers run. */
export function placesInMemory(stateDir: string): string[] {
  const names = slots(stateDir).map(standardErrorName);
  return memoryDirectories()
    .flatMap(directoriesIn)
    .filter((directory) => names.some((name) => path.basename(directory).startsWith(name)));
}

function memoryDirectories(): string[] {
  return directoriesIn('/dev/shm').filter((directory) => path.basename(directory).startsWith('crashmon-'));
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
