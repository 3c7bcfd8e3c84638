import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { EndedChild } from '../../model/ended-process.ts';
import { observeProgram } from '../../worker/observe-program.ts';
import { isAlive } from '../../worker/process-info.ts';
import { readRuntime } from '../../worker/running-program.ts';
import { type DebuggerPool, MAX_DEBUGGED_CHILDREN } from '../native/debugger-pool.ts';
import { ChildChanges, LOOK_ANYWAY_MS } from './child-changes.ts';
import {
  type ChildEnd,
  type DumpOfHeld,
  type ExitSource,
  unseenEnd,
  type WatchedChild,
} from './child-exit.ts';
import {
  ageMsOf,
  childrenOf,
  type FoundChild,
  type FoundMaster,
  findMaster,
  roleOf,
} from './find-children.ts';
import { FollowedChild } from './followed-child.ts';

export type ChildEvents = {
  started(child: WatchedChild): void;
  ended(child: WatchedChild, end: ChildEnd): void;
  /** Workers were found that cannot be watched. */
  refused(process: EndedChild, message: string): void;
  /** What of their ends is to be captured; null if nothing is. */
  wantsCapture(): CaptureMeans | null;
  /** What ends this one will be captured. */
  armed(child: WatchedChild): void;
  /** No debugger can be attached to it. */
  notDebugged(message: string): void;
};

/** Masters start their workers at once, and a new one moments after the end of another; then rarely. */
const LOOK_AFTER_MS = [20, 50, 100, 200, 500, 1_000, 1_000];
/** A master that is older has started its workers. */
const OLD_MS = 10_000;
/** A fork that is younger can still execute another program: a helper, which may not be traced (set-user-ID). */
const FORK_IS_WORKER_MS = 100;
/** A worker that writes its title does so at its start. */
const UNDECIDED_MS = 5_000;
const MAX_WATCHED = 256;
/** On a busy machine. */
const ENDS_WITHIN_MS = [5, 20, 50, 100, 300];

/** Reports the parents of processes that were started. */
export type StartedProcesses = {
  on(listener: (started: { parents: ReadonlySet<number> }) => void): Disposable;
};

/** The process that workers are searched below. */
export type MainProcess = { pid: number; startTicks: number };

type ChildWatchOptions = {
  /** Of `--children`. */
  names: readonly string[];
  /** Names of masters whose workers are none of the app. */
  ignored: readonly string[];
  exits: ExitSource;
  /** null: no debugger is wanted. */
  debuggers: DebuggerPool | null;
  dumpOf: DumpOfHeld;
  wantsWhole: () => boolean;
  lookEveryMs: number;
  /** Absent: every look finds out whether there is something new. */
  started?: StartedProcesses;
};

/** Finds the workers below a master, and other processes by their name, and learns how they end. */
export class ChildWatch {
  readonly #options: ChildWatchOptions;
  readonly #changes = new ChildChanges();
  readonly #events: ChildEvents;
  readonly #watched = new Map<number, FollowedChild>();
  /** Process IDs that are no workers, with their start times. */
  readonly #others = new Map<number, number>();
  /** Those that something else traces, such as a debugger, which may leave them; by their process IDs. */
  readonly #traced = new Map<number, WatchedChild>();
  /** The exit of a process is known before the process is gone. */
  readonly #ended = new Map<number, number>();
  #worker: MainProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #started: Disposable | undefined;
  #looks = 0;
  #lookedAtMs = 0;
  /** Its children are workers. */
  #parent = 0;
  /** There are processes so young that they can become workers. */
  #isUndecided = false;
  #run = 0;

  constructor(options: ChildWatchOptions, events: ChildEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Those that are watched now. */
  get watched(): readonly Pick<FollowedChild, 'child' | 'armedFor'>[] {
    return [...this.#watched.values()];
  }

  get isWatching(): boolean {
    return this.#worker !== null;
  }

  begin(worker: MainProcess): void {
    this.end();
    this.#worker = worker;
    this.#parent = worker.pid;
    this.#started = this.#options.started?.on(({ parents }) => this.#isStarted(parents));
    this.#looks = ageMsOf(worker.startTicks) > OLD_MS ? LOOK_AFTER_MS.length - 1 : 0;
    this.#lookLater();
  }

  /** The run has ended, or is about to. */
  end(): void {
    clearTimeout(this.#timer);
    this.#started?.[Symbol.dispose]();
    this.#worker = null;
    this.#run += 1;
    for (const exit of this.#watched.values()) void exit.leave();
    this.#watched.clear();
    this.#others.clear();
    this.#traced.clear();
    this.#ended.clear();
  }

  /** Something happened after which a master starts workers. */
  hurry(): void {
    this.#looks = 0;
    this.#lookLater();
  }

  /** What is wanted may have changed. */
  arm(): void {
    const means = this.#events.wantsCapture();
    const debugged = [...this.#watched.values()].slice(0, MAX_DEBUGGED_CHILDREN);
    for (const followed of this.#watched.values()) {
      const isLeftOut = means === 'debugger' && !debugged.includes(followed);
      void followed.arm(isLeftOut ? 'exit-watch' : means).then((isNew) => {
        if (isNew) this.#events.armed(followed.child);
      });
    }
  }

  #lookLater(): void {
    this.#lookIn(LOOK_AFTER_MS[this.#looks++] ?? this.#usualWaitMs());
  }

  #lookIn(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#look();
      if (this.#worker !== null) this.#lookLater();
    }, waitMs).unref();
  }

  #usualWaitMs(): number {
    const { started, lookEveryMs } = this.#options;
    return started === undefined || this.#isUndecided ? lookEveryMs : LOOK_ANYWAY_MS;
  }

  /** Also where nothing is started. */
  #lookAgain(): void {
    this.#isUndecided = true;
    this.#lookIn(this.#options.lookEveryMs);
  }

  /** A service can start programs all the time. */
  #isStarted(parents: ReadonlySet<number>): void {
    const { names, lookEveryMs } = this.#options;
    const isOurs = parents.has(this.#parent) || (names.length > 0 && parents.size > 0);
    // Soon enough.
    if (!isOurs || this.#looks <= LOOK_AFTER_MS.length) return;
    this.#lookIn(Math.max(0, this.#lookedAtMs + lookEveryMs - performance.now()));
  }

  #look(): void {
    const worker = this.#worker;
    if (worker === null) return;
    const { names, started } = this.#options;
    const isDecided = this.#looks > LOOK_AFTER_MS.length && names.length === 0 && !this.#isUndecided;
    if (started === undefined && isDecided && !this.#changes.canBe()) return;
    this.#lookedAtMs = performance.now();
    if (!isAlive(worker.pid, worker.startTicks)) return;
    const master = findMaster(worker.pid, this.#options.ignored);
    // First: what is started meanwhile is a change.
    this.#parent = master?.pid ?? worker.pid;
    if (started === undefined) this.#changes.looked(this.#parent);
    const found = new Map<number, FoundChild>();
    const below = names.length === 0 ? [] : childrenOf(worker.pid, { deep: true });
    for (const child of below) found.set(child.pid, child);
    const direct = new Set<number>();
    for (const child of master === null ? [] : childrenOf(master.pid, { deep: false })) {
      found.set(child.pid, child);
      direct.add(child.pid);
    }
    for (const child of found.values()) this.#consider(child, direct.has(child.pid) ? master : null);
    for (const known of [this.#others, this.#ended]) {
      for (const pid of known.keys()) if (!found.has(pid)) known.delete(pid);
    }
    for (const [pid, child] of this.#traced) {
      if (found.has(pid) || this.#watched.has(pid)) continue;
      this.#traced.delete(pid);
      this.#events.ended(child, unseenEnd(Date.now()));
    }
    const isYoung = [...found.values()].some(({ ageMs }) => ageMs <= UNDECIDED_MS);
    this.#isUndecided = isYoung || this.#traced.size > 0;
    this.arm();
  }

  /** @param master its parent, if that is one */
  #consider(found: FoundChild, master: FoundMaster | null): void {
    const { pid, startTicks, ageMs } = found;
    if (this.#watched.has(pid) || this.#watched.size >= MAX_WATCHED) return;
    if (this.#ended.get(pid) === startTicks) return;
    if (this.#others.get(pid) === startTicks) return;
    if (master?.known.forks === true && ageMs < FORK_IS_WORKER_MS) return;
    const process = roleOf(found, master, this.#options.names);
    if (process === null) {
      // A younger one can write its title later: on a busy machine it has not run yet.
      if (ageMs > UNDECIDED_MS) this.#others.set(pid, startTicks);
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
    const { exits, debuggers, dumpOf, wantsWhole } = this.#options;
    const onRefused = (message: string) => this.#events.notDebugged(message);
    const exit = new FollowedChild(child, { exits, debuggers, dumpOf, wantsWhole, onRefused });
    this.#watched.set(process.pid, exit);
    const failure = await exit.watch();
    const isOver = () => this.#run !== run || this.#watched.get(process.pid) !== exit;
    if (isOver()) {
      await exit.leave();
      return;
    }
    const wasWatched = failure === null;
    this.#traced.delete(process.pid);
    if (wasWatched || failure.failed === 'gone') this.#events.started(child);
    if (wasWatched) this.arm();
    const end = failure ?? (await exit.ended());
    if (end === null || isOver()) return;
    const isGone = 'failed' in end && end.failed === 'gone';
    const staysAlive = isGone && (await isAliveLater(process.pid, startTicks));
    if (isOver()) return;
    this.#watched.delete(process.pid);
    // Another thread has replaced its first one and executed a program: it is found again.
    if (staysAlive) return;
    if ('failed' in end && end.failed !== 'gone') {
      if (end.failed === 'already-traced') {
        this.#traced.set(process.pid, child);
        this.#lookAgain();
      } else this.#others.set(process.pid, startTicks);
      this.#events.refused(process, end.message);
      return;
    }
    this.#ended.set(process.pid, startTicks);
    this.hurry();
    this.#events.ended(child, 'failed' in end ? unseenEnd(Date.now()) : end);
  }
}

/** Its first thread can have ended before the others, which then end, too; or one of them executes a program in its place. */
async function isAliveLater(pid: number, startTicks: number): Promise<boolean> {
  for (const waitMs of ENDS_WITHIN_MS) {
    if (!isAlive(pid, startTicks)) return false;
    await delay(waitMs, null, { ref: false });
  }
  return isAlive(pid, startTicks);
}
