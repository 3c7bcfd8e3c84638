import { isWrapper } from '../../worker/main-process.ts';
import { isAlive, readCommandLine } from '../../worker/process-info.ts';
import { crashmonVerb } from '../discover/crashmon-verb.ts';
import { matchesGlob } from '../discover/glob.ts';
import { ProcessTable } from './process-table.ts';

export type FoundProcess = { pid: number; startTicks: number };

/** A program can change its own command line. */
const READ_ALL_EVERY_MS = 60_000;

/** Of crashmon's, those that soon end: `crashmon status shop` has the name of the app in its command line. */
const COMMANDS = [
  'status',
  'crashes',
  'show',
  'receipt',
  'logs',
  'arm',
  'disarm',
  'session',
  'doctor',
  'help',
];

/** What runs on for so long after a process that it was below does the work itself; workers end after their master. */
export const ORPHAN_MS = 5_000;

/** A process below one that fits, too. */
type Below = { startTicks: number; aloneSinceMs: number | null };

/** Finds processes by a glob for their command line. */
export class ProcessFinder {
  /** By glob, then by process ID. */
  readonly #below = new Map<string, Map<number, Below>>();
  // A script that starts a program often waits for something else first.
  readonly #table = new ProcessTable({
    factsOf: (pid) => {
      const args = readCommandLine(pid);
      return {
        command: args.join(' '),
        isStarter: isWrapper(pid),
        isCommand: COMMANDS.includes(crashmonVerb(pid, args) ?? ''),
      };
    },
    readAllEveryMs: READ_ALL_EVERY_MS,
    isPassing: ({ isStarter }) => isStarter,
  });

  /** Is there one that will be found if it runs on? */
  get isWaiting(): boolean {
    const now = performance.now();
    const all = [...this.#below.values()].flatMap((below) => [...below.values()]);
    return all.some(({ aloneSinceMs }) => aloneSinceMs !== null && now - aloneSinceMs < ORPHAN_MS);
  }

  /**
   * Those that do the work: no shells and other wrappers, and no process below one that fits, too, or that was until a moment
   * ago.
   */
  find(glob: string, pids?: readonly number[]): FoundProcess[] {
    const processes = this.#table.read(pids);
    const working = new Map(
      [...processes].filter(
        ([pid, { facts, startTicks }]) =>
          pid !== process.pid &&
          !facts.isStarter &&
          !facts.isCommand &&
          matchesGlob(glob, facts.command) &&
          // One that was known may have ended since.
          isAlive(pid, startTicks),
      ),
    );
    const isBelow = (pid: number): boolean => {
      // Parents that were read at different times can form a circle, by an ID that is used again.
      const above = new Set([pid]);
      for (let parent = processes.get(pid)?.parent; parent !== undefined && !above.has(parent); ) {
        if (working.has(parent)) return true;
        above.add(parent);
        parent = processes.get(parent)?.parent;
      }
      return false;
    };
    const now = performance.now();
    const below = new Map<number, Below>();
    const before = this.#below.get(glob);
    this.#below.set(glob, below);
    return [...working].flatMap(([pid, { startTicks }]) => {
      if (isBelow(pid)) {
        below.set(pid, { startTicks, aloneSinceMs: null });
        return [];
      }
      const was = before?.get(pid);
      if (was?.startTicks !== startTicks) return [{ pid, startTicks }];
      const aloneSinceMs = was.aloneSinceMs ?? now;
      if (now - aloneSinceMs >= ORPHAN_MS) return [{ pid, startTicks }];
      below.set(pid, { startTicks, aloneSinceMs });
      return [];
    });
  }
}
