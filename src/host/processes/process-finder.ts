import { isWrapper } from '../../worker/main-process.ts';
import { isAlive, readCommandLine } from '../../worker/process-info.ts';
import { crashmonVerb } from '../discover/crashmon-verb.ts';
import { matchesGlob } from '../discover/glob.ts';
import { ProcessTable } from './process-table.ts';

export type FoundProcess = { pid: number; startTicks: number };

/** A program can change its own command line. */
const READ_ALL_EVERY_MS = 60_000;

/** `crashmon status shop` has the name of the app in its command line. */
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

/** Finds processes by a glob for their command line. */
export class ProcessFinder {
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

  /**
   * Those that do the work: no shells and other wrappers, and no process below one that fits, too.
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
    return [...working]
      .filter(([pid]) => !isBelow(pid))
      .map(([pid, { startTicks }]) => ({ pid, startTicks }));
  }
}
