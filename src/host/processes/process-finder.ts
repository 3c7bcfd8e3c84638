import { isWrapper } from '../../worker/main-process.ts';
import { readCommandLine, readProcessStat } from '../../worker/process-info.ts';
import { matchesGlob } from '../discover/glob.ts';
import { ProcessTable } from './process-table.ts';

export type FoundProcess = { pid: number; startTicks: number };

/** A program can change its own command line. */
const READ_ALL_EVERY_MS = 60_000;

/** Finds processes by a glob for their command line. */
export class ProcessFinder {
  readonly #table = new ProcessTable((pid) => readCommandLine(pid).join(' '), READ_ALL_EVERY_MS);

  /**
   * Those that do the work: no shells and other wrappers, and no process below one that fits, too.
   */
  find(glob: string, pids?: readonly number[]): FoundProcess[] {
    const processes = this.#table.read(pids);
    const fitting = new Map([...processes].filter(([, { facts: command }]) => matchesGlob(glob, command)));
    const working = [...fitting.keys()].filter((pid) => pid !== process.pid && !isWrapper(pid));
    const isBelow = (pid: number): boolean => {
      for (let parent = processes.get(pid)?.parent; parent !== undefined; ) {
        if (working.includes(parent)) return true;
        parent = processes.get(parent)?.parent;
      }
      return false;
    };
    return working
      .filter((pid) => !isBelow(pid))
      .flatMap((pid) => {
        const startTicks = processes.get(pid)?.startTicks ?? 0;
        // It may have ended since.
        if (readProcessStat(pid)?.startTicks !== startTicks) return [];
        return [{ pid, startTicks }];
      });
  }
}
