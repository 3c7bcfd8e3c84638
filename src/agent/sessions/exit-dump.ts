import { basename } from 'node:path';
import type { HeldProcess } from '../../exit-watch/held-process.ts';
import type { UncaughtReading } from '../../exit-watch/uncaught-reader.ts';
import type { WatchedExit } from '../../exit-watch/watched-exit.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { CandidateRecord } from '../../model/probe-record.ts';
import { delay } from '../../worker/delay.ts';
import { findWorkingProcess } from '../../worker/main-process.ts';
import { readExecutable, readProcessStat } from '../../worker/process-info.ts';
import { runtimeNamed } from '../../worker/running-program.ts';
import type { Worker } from '../../worker/worker.ts';
import type { ExitSource } from '../children/child-exit.ts';

/** A wrapper takes a while to start the worker, a debugger to leave it, and Node to have a heap. */
const ATTEMPTS_MS = [0, 20, 50, 100, 250, 500, 1000, 2000, 5000];
/** The helper reports an exit later than the kernel does; a restart does not wait longer for it. */
const REPORT_MS = 100;

/** What was read of a worker at its exit. */
export type ReadAtExit = { heldDump: HeldDump | null; record: CandidateRecord | null };

type Watch = { worker: Worker; exit: WatchedExit | null; reading: Promise<UncaughtReading> | null };

/** In a session: holds a Node.js worker of ours at its exit, for its dump and the exception. */
export class ExitDump {
  readonly #exits: ExitSource;
  readonly #dumpOf: (held: HeldProcess) => HeldDump | null;
  #current: Watch | null = null;
  #heldDump: HeldDump | null = null;

  constructor(exits: ExitSource, dumpOf: (held: HeldProcess) => HeldDump | null) {
    this.#exits = exits;
    this.#dumpOf = dumpOf;
  }

  /** Returns immediately. Whatever fails, the worker is not affected. @param onKnown is its exit watched? */
  begin(worker: Worker, startedAtMs: number, onKnown: (isWatched: boolean) => void): void {
    if (this.#current?.worker === worker) return;
    const watch: Watch = { worker, exit: null, reading: null };
    this.#current = watch;
    this.#heldDump = null;
    void this.#follow(watch, startedAtMs)
      .catch(() => false)
      .then((isWatched) => this.#current === watch && onKnown(isWatched));
  }

  /** The worker has ended. */
  async take(): Promise<ReadAtExit> {
    const watch = this.#current;
    const heldDump = this.#heldDump;
    this.#current = null;
    this.#heldDump = null;
    const over = new AbortController();
    const late = delay(REPORT_MS, over.signal).then(() => null);
    const reading = await Promise.race([watch?.reading ?? null, late]);
    over.abort();
    // What a wrapper started can outlive it.
    void watch?.exit?.leave();
    return { heldDump, record: reading?.record ?? null };
  }

  /** The worker runs on. Settles when it is not traced any more. */
  async leave(): Promise<void> {
    const watch = this.#current;
    this.#current = null;
    await watch?.exit?.leave();
  }

  /** @returns is it watched? */
  async #follow(watch: Watch, startedAtMs: number): Promise<boolean> {
    for (const waitMs of ATTEMPTS_MS) {
      if (waitMs > 0) await delay(waitMs);
      if (this.#current !== watch) return false;
      watch.exit ??= await this.#watchNode(watch.worker.pid);
      if (this.#current !== watch) {
        void watch.exit?.leave();
        return false;
      }
      if (watch.exit === null) continue;
      const reader = await this.#exits.reader();
      watch.reading = reader.expect(watch.exit, startedAtMs);
      if (watch.reading === null) continue;
      watch.exit.onHeld((held) => {
        if (this.#current === watch) this.#heldDump = this.#dumpOf(held);
      });
      return true;
    }
    return false;
  }

  async #watchNode(workerPid: number): Promise<WatchedExit | null> {
    const pid = findWorkingProcess(workerPid);
    const executable = pid === null ? null : readExecutable(pid);
    const startTicks = pid === null ? undefined : readProcessStat(pid)?.startTicks;
    if (pid === null || startTicks === undefined || executable === null) return null;
    if (runtimeNamed(basename(executable)) !== 'node') return null;
    const watched = await this.#exits.watch({ pid, startTicks });
    return 'failed' in watched ? null : watched;
  }
}
