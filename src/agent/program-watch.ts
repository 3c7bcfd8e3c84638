import type { ProgramState } from '../journal/documents.ts';
import type { ObservedProgram } from '../model/observed-program.ts';
import type { Runtime } from '../model/runtime.ts';
import { findWorkingProcess } from '../worker/main-process.ts';
import { type FindProgram, NamedPrograms } from '../worker/named-programs.ts';
import { observeProgram } from '../worker/observe-program.ts';
import { OomCounter } from '../worker/oom-counter.ts';
import { isAlive, readChildren, readExecutable, readProcessStat } from '../worker/process-info.ts';
import { countForks, readRuntime } from '../worker/running-program.ts';
import type { Worker } from '../worker/worker.ts';

/**
 * Programs of Go and Rust can end within milliseconds, and a wrapper takes a while to start the worker: often until it
 * is seen, then rarely.
 */
const UNSEEN_MS = [2, 3, 5, 10, 20];
const UNSEEN_UNTIL_MS = 1_500;
const SEEN_MS = [100, 300, 600, 1_000, 3_000, 30_000, 60_000, 120_000];
const FIRST_RARE = SEEN_MS.indexOf(30_000);
/** From then on a process that runs the same file, and has the same children, is what it was. */
const SETTLED_MS = 10_000;
/** An agent has hundreds of workers: what is settled is read as a whole only so often. */
const READ_ALL_EVERY_MS = 600_000;
/** A helper that runs briefly is no worker of a pre-fork server. */
const FORKS_AFTER_MS = 1_000;

/** How workers are started. */
type Command = { argv: readonly string[]; cwd: string; env: NodeJS.ProcessEnv };

/** Observes what a worker runs, and in which cgroup: unknown once it has ended. A few reads of /proc, rarely. */
export class ProgramWatch {
  readonly #onChange: (state: ProgramState) => void;
  #worker: Pick<Worker, 'pid' | 'startTicks'> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #state: ProgramState | null = null;
  #oom = new OomCounter();
  /** Of this worker. */
  readonly #seen = new Set<Runtime>();
  /** What does the work, by its process and when that started. */
  #observed: { program: ObservedProgram; startTicks: number } | null = null;
  #startedPid: number | null = null;
  /** Of the process that does the work, when all was read. */
  #children = '';
  #readAllAtMs = 0;
  #startedAtMs = 0;
  #isOlder = false;
  #command: Command;
  readonly #named: NamedPrograms;

  /** @param named is shared by the watches of one service */
  constructor(onChange: (state: ProgramState) => void, command: Command, named = new NamedPrograms()) {
    this.#onChange = onChange;
    this.#command = command;
    this.#named = named;
  }

  /** What this worker runs; of a worker that ended before it was seen, what the one before ran, or its command names. */
  get runtime(): Runtime | null {
    return this.#state?.runtime ?? this.program?.runtime ?? null;
  }

  get state(): ProgramState | null {
    return this.#state;
  }

  /** The program that did this worker's work; of a worker that ended before it was seen, the one of its command. */
  get program(): ObservedProgram | null {
    return this.#observed?.program ?? this.#find('of-command');
  }

  /**
   * The program whose last words are read: also one below a shell, which on a busy machine starts it and ends with it before it
   * is seen.
   */
  get printedBy(): ObservedProgram | null {
    return this.program ?? this.#find('below');
  }

  /** OOM kills in the cgroup of this worker since it started; null if they are not counted. */
  get oomKills(): number | null {
    return this.#oom.kills();
  }

  /**
   * What the worker was started with, where that is learned later.
   * @param sinceMs its start, if it ended before `begin`: files that changed since are not what ran; null: unknown
   */
  startedBy(command: Command, sinceMs: number | null): void {
    this.#command = command;
    if (this.#startedAtMs === 0) this.#startedAtMs = sinceMs ?? 0;
  }

  /** @param sinceMs its start, if that is longer ago: files that changed since are not what runs */
  begin(worker: Pick<Worker, 'pid' | 'startTicks'>, sinceMs: number | null = null): void {
    this.end();
    this.#worker = worker;
    this.#oom = new OomCounter();
    this.#seen.clear();
    this.#observed = null;
    this.#startedPid = worker.pid;
    this.#startedAtMs = sinceMs ?? Date.now();
    this.#isOlder = sinceMs !== null;
    const aliveMs = sinceMs === null ? 0 : Math.max(0, Date.now() - sinceMs);
    this.#poll(aliveMs);
    this.#pollAgain(aliveMs < SETTLED_MS ? 0 : FIRST_RARE, aliveMs, aliveMs >= SETTLED_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#worker = null;
  }

  #pollAgain(count: number, aliveMs: number, wasSeen = false): void {
    // Within execve(2) it is seen, and not yet observed.
    const isSeen = this.#observed !== null || aliveMs > UNSEEN_UNTIL_MS;
    const at = isSeen === wasSeen ? count : 0;
    const waits = isSeen ? SEEN_MS : UNSEEN_MS;
    const waitMs = waits[Math.min(at, waits.length - 1)] ?? 0;
    this.#timer = setTimeout(() => {
      this.#poll(aliveMs + waitMs);
      if (this.#worker !== null) this.#pollAgain(at + 1, aliveMs + waitMs, isSeen);
    }, waitMs).unref();
  }

  #poll(aliveMs: number): void {
    const worker = this.#worker;
    if (worker === null || (aliveMs > SETTLED_MS && this.#isUnchanged())) return;
    if (!isAlive(worker.pid, worker.startTicks)) return;
    const pid = findWorkingProcess(worker.pid);
    this.#oom.follow(pid ?? worker.pid);
    const runtime = pid === null ? null : readRuntime(pid);
    if (pid === null || runtime === null) return;
    this.#seen.add(runtime);
    this.#observe(pid, runtime);
    // First: what is started meanwhile is a change.
    this.#children = readChildren(pid);
    const forks = aliveMs < FORKS_AFTER_MS ? (this.#state?.forks ?? 0) : countForks(pid);
    // A start script can run other programs before and after the server.
    this.#readAllAtMs = performance.now();
    this.#enter({ runtime: this.#seen.has('node') ? 'node' : runtime, forks });
  }

  #find(how: FindProgram): ObservedProgram | null {
    const { argv, cwd, env } = this.#command;
    const named = this.#named.find(how, argv, { cwd, path: env.PATH, startedAtMs: this.#startedAtMs });
    // It can end between two reads of /proc: then it was seen, but not observed.
    const isWhatRan = this.#seen.size === 0 || (named !== null && this.#seen.has(named.runtime));
    if (named === null || !isWhatRan) return null;
    return this.#startedPid === null ? named : { ...named, startedPid: this.#startedPid };
  }

  /** Most of a poll's time is to look into the file, and into those of its children. */
  #isUnchanged(): boolean {
    const { pid, executable } = this.#observed?.program ?? {};
    const isDue = performance.now() - this.#readAllAtMs > READ_ALL_EVERY_MS;
    if (pid === undefined || pid === null || isDue) return false;
    return readExecutable(pid) === executable && readChildren(pid) === this.#children;
  }

  /** A process can execute another program, and a wrapper start another process. */
  #observe(pid: number, runtime: Runtime): void {
    const startTicks = readProcessStat(pid)?.startTicks ?? 0;
    const { program } = this.#observed ?? {};
    const isKnown = program?.pid === pid && this.#observed?.startTicks === startTicks;
    if (isKnown && program?.runtime === runtime && program.executable === readExecutable(pid)) return;
    // A start script cleans up after its server.
    if (!isKnown && runtime === 'native' && (program?.runtime ?? runtime) !== runtime) return;
    const observed = observeProgram(pid, runtime, this.#isOlder ? this.#startedAtMs : Date.now());
    if (observed !== null) this.#observed = { program: observed, startTicks };
  }

  #enter(state: ProgramState): void {
    const before = this.#state;
    this.#state = state;
    if (before?.runtime !== state.runtime || before.forks > 0 !== state.forks > 0) this.#onChange(state);
  }
}
