import type { CandidateRecord } from '../model/probe-record.ts';
import type { ExitWatch } from './exit-watch.ts';
import { readNodeLayout } from './node-layout.ts';
import { readUncaught } from './read-uncaught.ts';
import { runSelfTest } from './self-test.ts';
import type { WatchedExit } from './watched-exit.ts';

export type UncaughtReading = {
  /** False if it was not held, or not for long enough: then nothing is known. */
  readonly isRead: boolean;
  /** null: no exception ended it. */
  readonly record: CandidateRecord | null;
};

/** Reads the exceptions that end watched Node processes. */
export class UncaughtReader {
  readonly #watch: ExitWatch;
  #selfTest: Promise<boolean> | null = null;

  constructor(watch: ExitWatch) {
    this.#watch = watch;
  }

  /** Does it work here? Once for each reader; `expect` starts it, too, so that the first worker is not held long. */
  selfTest(): Promise<boolean> {
    this.#selfTest ??= runSelfTest(this.#watch).catch(() => false);
    return this.#selfTest;
  }

  /**
   * Call it once the process is Node: later than its exec. The watch must hold.
   * @param startedAtMs time of day when the process started
   * @returns settles once it has ended. null for a process that is no Node, or does not describe itself
   */
  expect(exit: WatchedExit, startedAtMs: number): Promise<UncaughtReading> | null {
    const layout = readNodeLayout(exit.pid);
    if (layout === null) return null;
    void this.selfTest();
    let reading: UncaughtReading = { isRead: false, record: null };
    exit.onHeld((held) => {
      const record = readUncaught(held, layout, startedAtMs);
      // Of a process that went on meanwhile only a part was read, which may say something else.
      if (held.isStillHeld()) reading = { isRead: true, record };
    });
    return exit.exited.then(() => reading);
  }
}
