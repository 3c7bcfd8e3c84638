import { readdirSync, readFileSync } from 'node:fs';
import {
  COREDUMP_FIELDS,
  COREDUMP_MESSAGE,
  parseCoredumpEntry,
} from '../../formats/system-core/coredump-entry.ts';
import type { CoreHandler, SystemCore } from '../../model/system-core.ts';
import { type DumpedExit, matchingCore } from '../../policy/matching-core.ts';
import { delay } from '../../worker/delay.ts';
import { readJournal } from '../read-journal.ts';
import { readAbrt } from './read-abrt.ts';

/** A handler that has not begun by then has nothing. */
const BEGINS_WITHIN_MS = 2_000;
/** journald has the entry some time after the handler that made it has ended. */
const LOGGED_WITHIN_MS = 5_000;
/** A core of gigabytes takes a while; the analysis has 30 seconds. */
const ENDS_WITHIN_MS = 20_000;
const AGAIN_MS = 400;
/** On a busy machine one look takes seconds: this process gives way to all others. */
const MIN_LOOKS = 5;
/** No process has so many core dumps; others can log what looks like one. */
const MAX_ENTRIES = 100;

/** How a handler's core dumps are read; null: it cannot be asked. */
type Reader = { program: string; read: (exit: DumpedExit) => Promise<SystemCore[] | null> };

/** The kernel cuts names at 15 bytes. */
const READERS: Readonly<Record<CoreHandler, Reader>> = {
  'systemd-coredump': { program: 'systemd-coredum', read: readCoredumps },
  abrt: { program: 'abrt-action-gen', read: async () => readAbrt() },
};

/**
 * The core dump of an exit, by the handler of this host; null if there is none. A handler is done some time after the exit, and
 * is waited for while it works.
 */
export async function findCore(handler: CoreHandler, exit: DumpedExit): Promise<SystemCore | null> {
  const reader = READERS[handler];
  const begun = performance.now();
  let waitsForMs = BEGINS_WITHIN_MS;
  for (let looks = 1; ; looks++) {
    // First: it can end in between.
    if (isRunning(reader.program)) waitsForMs = performance.now() - begun + LOGGED_WITHIN_MS;
    const cores = await reader.read(exit);
    const core = cores === null ? null : matchingCore(cores, exit);
    if (cores === null || core !== null) return core;
    const waitedMs = performance.now() - begun;
    if (waitedMs > ENDS_WITHIN_MS || (looks >= MIN_LOOKS && waitedMs > waitsForMs)) return null;
    await delay(AGAIN_MS);
  }
}

async function readCoredumps({ bootId, pid }: DumpedExit): Promise<SystemCore[] | null> {
  const cores: SystemCore[] = [];
  let count = 0;
  const failure = await readJournal(
    [
      ...['--all', '--reverse', `--output-fields=${COREDUMP_FIELDS.join(',')}`],
      ...[`MESSAGE_ID=${COREDUMP_MESSAGE}`, `_BOOT_ID=${bootId}`, `COREDUMP_PID=${pid}`],
    ],
    (line) => {
      const core = parseCoredumpEntry(line);
      if (core !== null) cores.push(core);
      return ++count < MAX_ENTRIES;
    },
  );
  return failure === null ? cores : null;
}

function isRunning(program: string): boolean {
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && commandOf(name) === program);
}

function commandOf(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return null;
  }
}
