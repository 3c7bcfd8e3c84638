import type { EndedChild } from '../../model/ended-process.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { observeProgram } from '../../worker/observe-program.ts';
import { isAlive } from '../../worker/process-info.ts';
import { readRuntime } from '../../worker/running-program.ts';
import { countConnections } from '../../worker/tcp-sockets.ts';
import type { Worker } from '../../worker/worker.ts';
import { childrenOf, type FoundChild, type FoundMaster, findMaster, roleOf } from './find-children.ts';

/** A process below the main one whose end counts. */
export type WatchedChild = {
  process: EndedChild;
  startTicks: number;
  /** Wall-clock time, within 10 ms. */
  startedAtMs: number;
  /** What it runs; null if it could not be read. */
  program: ObservedProgram | null;
};

export type ChildEnd = {
  status: ExitStatus;
  atMs: number;
  /** With its clients, at its exit; null if they could not be counted. */
  connectionsCut: number | null;
};

/** Reports how a process ends that is not our child. */
export type ExitSource = {
  /** @returns why it is not watched, if it is not */
  watch(
    target: { pid: number; startTicks: number },
    /** Called at the exit, while its descriptors are still open; must be short. It is not promised. */
    atExit: (pid: number) => void,
  ): Promise<
    | { exited: Promise<Omit<ChildEnd, 'connectionsCut'> | null>; leave(): Promise<void> }
    | { failed: string; message: string }
  >;
};

export type ChildEvents = {
  started(child: WatchedChild): void;
  ended(child: WatchedChild, end: ChildEnd): void;
  /** Workers were found that cannot be watched. */
  refused(process: EndedChild, message: string): void;
};

/** Masters start their workers at once, and a new one moments after the end of another; then rarely. */
const LOOK_AFTER_MS = [20, 50, 100, 200, 500, 1_000, 1_000];
const LOOK_EVERY_MS = 2_000;
/** A fork that is younger can still execute another program: a helper, which may not be traced (set-user-ID). */
const FORK_IS_WORKER_MS = 100;
/** A worker that writes its title does so at its start. */
const UNDECIDED_MS = 5_000;
const MAX_WATCHED = 256;

/** Finds the workers below a master, and other processes by their name, and learns how they end. */
export class ChildWatch {
  readonly #names: readonly string[];
  readonly #exits: ExitSource;
  readonly #events: ChildEvents;
  readonly #watched = new Map<number, { child: WatchedChild; leave: () => Promise<void> }>();
  /** Process IDs that are no workers, with their start times. */
  readonly #others = new Map<number, number>();
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #run = 0;

  constructor(names: readonly string[], exits: ExitSource, events: ChildEvents) {
    this.#names = names;
    this.#exits = exits;
    this.#events = events;
  }

  /** Those that are watched now. */
  get watched(): EndedChild[] {
    return [...this.#watched.values()].map(({ child }) => child.process);
  }

  begin(worker: Worker): void {
    this.end();
    this.#worker = worker;
    this.hurry();
  }

  /** The run has ended, or is about to. */
  end(): void {
    clearTimeout(this.#timer);
    this.#worker = null;
    this.#run += 1;
    for (const { leave } of this.#watched.values()) void leave();
    this.#watched.clear();
    this.#others.clear();
  }

  /** Something happened after which a master starts workers. */
  hurry(): void {
    this.#looks = 0;
    this.#lookLater();
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    const waitMs = LOOK_AFTER_MS[this.#looks++] ?? LOOK_EVERY_MS;
    this.#timer = setTimeout(() => {
      this.#look();
      if (this.#worker !== null) this.#lookLater();
    }, waitMs).unref();
  }

  #look(): void {
    const worker = this.#worker;
    if (worker === null || !isAlive(worker.pid, worker.startTicks)) return;
    const master = findMaster(worker.pid);
    const found = new Map<number, FoundChild>();
    const below = this.#names.length === 0 ? [] : childrenOf(worker.pid, { deep: true });
    for (const child of below) found.set(child.pid, child);
    const direct = new Set<number>();
    for (const child of master === null ? [] : childrenOf(master.pid, { deep: false })) {
      found.set(child.pid, child);
      direct.add(child.pid);
    }
    for (const child of found.values()) this.#consider(child, direct.has(child.pid) ? master : null);
    for (const pid of this.#others.keys()) if (!found.has(pid)) this.#others.delete(pid);
  }

  /** @param master its parent, if that is one */
  #consider(found: FoundChild, master: FoundMaster | null): void {
    const { pid, startTicks, ageMs } = found;
    if (this.#watched.has(pid) || this.#watched.size >= MAX_WATCHED) return;
    if (this.#others.get(pid) === startTicks && ageMs > UNDECIDED_MS) return;
    if (master?.known.forks === true && ageMs < FORK_IS_WORKER_MS) return;
    const process = roleOf(found, master, this.#names);
    if (process === null) {
      this.#others.set(pid, startTicks);
      return;
    }
    this.#others.delete(pid);
    const startedAtMs = Date.now() - ageMs;
    const runtime = readRuntime(pid);
    const program = runtime === null ? null : observeProgram(pid, runtime, startedAtMs);
    void this.#watch({ process, startTicks, startedAtMs, program });
  }

  async #watch(child: WatchedChild): Promise<void> {
    const { process, startTicks } = child;
    const run = this.#run;
    const entry = { child, leave: async () => {} };
    this.#watched.set(process.pid, entry);
    let connectionsCut: number | null = null;
    const watched = await this.#exits.watch({ pid: process.pid, startTicks }, (pid) => {
      connectionsCut = countConnections(pid);
    });
    const isOver = () => this.#run !== run || this.#watched.get(process.pid) !== entry;
    if ('failed' in watched) {
      if (isOver()) return;
      this.#watched.delete(process.pid);
      this.#others.set(process.pid, startTicks);
      if (watched.failed !== 'gone') this.#events.refused(process, watched.message);
      return;
    }
    if (isOver()) {
      await watched.leave();
      return;
    }
    entry.leave = watched.leave;
    this.#events.started(child);
    const end = await watched.exited;
    if (isOver()) return;
    this.#watched.delete(process.pid);
    this.hurry();
    if (end !== null) this.#events.ended(child, { ...end, connectionsCut });
  }
}
