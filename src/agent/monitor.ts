import type { DebuggerState, ProgramState } from '../journal/documents.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { Impact } from '../model/impact.ts';
import type { MonitorState } from '../model/policy.ts';
import type { EndedRun, Run } from '../model/run.ts';
import type { Runtime } from '../model/runtime.ts';
import { elapsedMs } from '../policy/elapsed.ts';
import {
  type MonitorStateAnswer,
  type MonitorStateInput,
  monitorState,
  wantsCapture,
  wantsMoreWords,
} from '../policy/monitor-state.ts';
import { noCaptureOfRunning } from '../policy/no-capture.ts';
import type { Preparation } from '../policy/worker-preparation.ts';
import { delay } from '../worker/delay.ts';
import { feedWatchdog } from '../worker/feed-watchdog.ts';
import type { LaunchFailure } from '../worker/launch.ts';
import { readProcessStat } from '../worker/process-info.ts';
import type { Arming } from './arming.ts';
import { Children } from './children/children.ts';
import { SharedStderr } from './children/shared-stderr.ts';
import { PortWatch } from './impact/port-watch.ts';
import type { SeenExit } from './judge-exit.ts';
import { type DeathEvidence, deathEvidence, hasOwnLog } from './last-words/death-evidence.ts';
import { reportedAtEnd } from './last-words/reported-end.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { MonitorParts, RunResult } from './monitor-parts.ts';
import { NativeCapture } from './native/native-capture.ts';
import { newestCrashes } from './newest-crashes.ts';
import { ProgramWatch } from './program-watch.ts';
import type { LiveTail } from './raw-run.ts';
import { type NextStart, Restarts } from './restarts.ts';
import { RunRest } from './run-rest.ts';
import { HeapSnapshots } from './sessions/heap-snapshots.ts';
import { SessionCapture } from './sessions/session-capture.ts';
import { settleExit } from './settle-exit.ts';
import { mayHaveCore } from './system-core/core-handler.ts';
import { startedWith } from './worker-environment.ts';
import type { WatchedWorker, WorkerSource } from './worker-source.ts';

/** A worker, and what else its run consists of. */
type CurrentRun = WatchedWorker & { rest: RunRest };

/** How long a debugger can take to end after its process did. */
const DEBUGGER_LEAVES_MS = 1_000;
const RETRY_START_MS = 1_000;
/** For new workers of a master. */
const LOOK_EVERY_MS = 2_000;
/** Shorter waits are not stored for `status`. */
const LONG_PAUSE_MS = 1_000;

/**
 * The monitor loop: get a worker (armed if the policy says so), wait for its exit, settle it, start again. Nothing that
 * can wait is done between an exit and the next start.
 */
export class Monitor {
  readonly #parts: MonitorParts;
  readonly #source: WorkerSource;
  readonly #arming: Arming;
  readonly #native: NativeCapture;
  readonly #program: ProgramWatch;
  readonly #children: Children;
  readonly #memory: MemoryWatch;
  readonly #ports: PortWatch;
  readonly #restarts: Restarts;
  readonly #sessions: SessionCapture;
  #restartCount = 0;
  #nextCrashArms = false;
  #debuggerState: DebuggerState;
  #forksReported = false;
  #current: Run | null = null;
  #preparation: Preparation | null = null;
  #childrenEnded: Promise<void> = Promise.resolve();

  constructor(parts: MonitorParts, source: WorkerSource, arming: Arming) {
    const { options, emit } = parts;
    this.#parts = parts;
    this.#source = source;
    this.#arming = arming;
    this.#restarts = new Restarts(options, emit);
    this.#debuggerState = { state: options.attachDebugger ? 'waiting' : 'off', reason: null };
    const { command: argv, cwd, env } = options;
    this.#program = new ProgramWatch(() => this.#programSeen(), { argv, cwd, env });
    this.#children = new Children(
      {
        ...{ names: options.children, ignored: [], settings: options.policy },
        ...{ exits: parts.exits, lookEveryMs: LOOK_EVERY_MS },
        ...{ clock: parts.clock, emit, settling: () => parts },
        words: new SharedStderr(parts.stderr),
        isStopping: () => parts.stop.asked !== null,
        debuggers: parts.debuggers,
        wantsCapture: () => wantsCapture(this.#policy(), parts.clock()),
        newestEnd: () => newestCrashes(parts.memory).below,
        sessionMeans: (newest) => this.#sessions.meansBelow(newest),
        dumpOf: (held) => this.#sessions.dumpOf(held),
        wantsWhole: () => this.#sessions.wantsWholeOf('child'),
      },
      () => this.#programSeen(),
    );
    const executable = () => this.#program.program?.executable ?? null;
    const snapshots = new HeapSnapshots({ ...parts, executable, onChange: () => this.reported() });
    this.#memory = new MemoryWatch(parts.directory, options.uid, snapshots);
    this.#ports = new PortWatch(parts.clock, (run, impact) => this.#impactKnown(run, impact));
    const asParent = options.env.CRASHMON_DEBUGGER === 'parent';
    const onDebugger = (state: DebuggerState) => this.#debuggerChanged(state);
    const kept = parts.debuggers?.kept ?? { newest: null };
    this.#native = new NativeCapture(onDebugger, asParent, () =>
      this.#sessions.wantsWholeOf('main') ? kept : null,
    );
    this.#sessions = new SessionCapture({
      ...{ ...parts, native: this.#native, isArmed: () => this.#state().state === 'armed' },
      ...{ runtime: () => this.#program.runtime, detach: () => this.detachDebugger() },
      onDebugger,
      onChange: () => this.#children.arm(),
    });
  }

  /** @returns the last worker's exit status, or why there was no worker at all */
  async run(): Promise<RunResult> {
    const { options, stop } = this.#parts;
    let current = await this.#begin();
    for (;;) {
      if ('failed' in current) return stop.stopped ?? current;
      const status = await current.worker.exited;
      // Before anything else: systemd removes the cgroup of an empty scope.
      const { oomKills } = this.#program;
      const native = await this.#native.finalCapture(status);
      const heldDump = await this.#sessions.ended(current.run);
      const reported = status.type === 'unknown' ? await this.#reportedAtEnd(current) : null;
      const { restart, delayMs, endRest } = this.#ended(current, {
        status,
        oomKills,
        native,
        heldDump,
        reported,
      });
      // During the wait: what still holds the port must be gone by the next start.
      const cleared = endRest ? current.rest.end(stop) : current.rest.leave();
      if (!restart) {
        await cleared;
        return status;
      }
      using _watchdog = feedWatchdog(options.env);
      await this.#pause(delayMs);
      await cleared;
      // There was no worker to stop: crashmon ends by the signal, and not like the crash before.
      if (stop.stopped !== null) return stop.stopped;
      if (this.#parts.couldStore()) return 'begin-again';
      this.#restartCount += 1;
      current = await this.#beginAgain(delayMs);
    }
  }

  /** State of the policy now, with any manual override. */
  #state(): MonitorStateAnswer {
    this.#parts.memory.refreshManual();
    return monitorState(this.#policy(), this.#parts.clock());
  }

  #policy(): MonitorStateInput {
    const { options, memory } = this.#parts;
    return { settings: options.policy, state: memory.policy, disabled: options.disabled !== null };
  }

  async #begin(): Promise<CurrentRun | LaunchFailure> {
    const { options, memory, stop, uplink, notify, clock, emit } = this.#parts;
    const armed = this.#state().state === 'armed';
    const native = options.attachDebugger && this.#sessions.means !== 'exit-watch' ? this.#native : null;
    const { runtime } = this.#program;
    const next = await this.#source.next({
      ...{ armed, native, moreWords: wantsMoreWords(this.#policy(), clock()) },
      ...{ runtime, program: () => this.#program.program },
    });
    if ('failed' in next) return next;
    const { run, worker, takenOver } = next;
    this.#preparation = next.preparation;
    // Immediately: it can end within milliseconds.
    const programBefore = this.#program.state ?? (runtime === null ? null : { runtime, forks: 0 });
    this.#watchProgram(next);
    memory.write((journal) => journal.recordStarted(run.id, worker.pid, worker.startTicks));
    const { state } = this.#state();
    const rest = RunRest.of(run.id, worker, this.#parts, { isFresh: !takenOver });
    stop.attach(this.#children.noting(rest.noting(worker)));
    this.#saveAgent(state);
    const started = { runId: run.id, pid: worker.pid, state, armed: run.armed };
    if (takenOver) emit({ event: 'taken-over', ...started });
    else emit({ event: 'started', ...started, restarts: this.#restartCount, program: programBefore });
    // A restart never waits for the debugger.
    if (options.attachDebugger && !stop.stopping.signal.aborted) this.#sessions.begin({ run, worker });
    else void this.#native.release();
    if (this.#nextCrashArms) native?.preload();
    uplink?.started(run, this.#restartCount, takenOver);
    notify?.started();
    setImmediate(() => {
      memory.settle();
      this.#parts.analyses.release();
      if (this.#restartCount === 0) this.#sessions.review();
    });
    return { ...next, rest };
  }

  /** Retries: a command can be missing for a moment (a deploy under way). */
  async #beginAgain(delayMs: number): Promise<CurrentRun | LaunchFailure> {
    for (;;) {
      const current = await this.#begin();
      if (!('failed' in current) || this.#parts.stop.stopped !== null) return current;
      this.#parts.emit({ event: 'problem', message: `The worker cannot be restarted: ${current.message}.` });
      await this.#pause(Math.max(delayMs, RETRY_START_MS));
    }
  }

  /** Everything between an exit and the next start; kept short. */
  #ended(
    { run, stderr }: CurrentRun,
    seen: Pick<SeenExit, 'status' | 'oomKills' | 'native' | 'heldDump' | 'reported'>,
  ): NextStart {
    const { options, memory, stop, clock, emit } = this.#parts;
    const diedAt = clock();
    this.#program.end();
    this.#memory.end();
    this.#current = null;
    const uptimeMs = elapsedMs(run.startedAt, diedAt);
    const tail = stderr?.tail() ?? null;
    const harmed = this.#arming.wasHarmful(run, seen.status, tail, uptimeMs);
    memory.refreshManual();
    const ended = settleExit(this.#parts, {
      ...seen,
      run,
      diedAt,
      endedAtMs: diedAt.wallMs,
      stderr: tail,
      asked: stop.asked,
      passedOn: stop.passedOn,
      runtime: this.#program.runtime,
      probeOf: this.#probeOf(),
      death: this.#deathEvidence(tail, seen.status, diedAt.wallMs),
      withoutDebugger: this.#withoutDebugger(),
      disabled: options.disabled !== null,
      harmed,
      supervisor: null,
    });
    const { verdict, crashesInWindow, captured } = ended;
    this.#childrenEnded = this.#children.end(verdict.counted);
    this.#ports.ended(ended);
    stop.detach();
    stderr?.endRun();
    const { armAfter } = options.policy;
    this.#nextCrashArms = crashesInWindow > 0 && crashesInWindow >= armAfter;
    const { state, cooldownUntilMs, noCapture } = this.#state();
    emit({
      event: 'ended',
      runId: run.id,
      status: seen.status,
      ...{ verdict, uptimeMs, crashesInWindow },
      ...{ armAfter, windowMs: options.policy.windowMs },
      ...{ captured, state, cooldownUntilMs, noCapture },
    });
    const now = harmed || stop.asked?.what === 'restart';
    return this.#restarts.after(ended, now, stop.stopping.signal.aborted);
  }

  #deathEvidence(tail: LiveTail | null, status: ExitStatus, diedAtMs: number): DeathEvidence | null {
    const program = this.#program.printedBy;
    if (program === null) return null;
    const isEmpty = tail === null || tail.bytes.length === 0;
    if (isEmpty && hasOwnLog(program.runtime)) return deathEvidence(program, status, 0);
    if (isEmpty) return mayHaveCore(status) ? deathEvidence(program, status, null) : null;
    return deathEvidence(program, status, Math.max(0, diedAtMs - tail.writtenAtMs));
  }

  /** Of a worker that is not our child. */
  #reportedAtEnd({ stderr }: CurrentRun): Promise<Runtime | null> {
    const tail = stderr?.tail() ?? null;
    const silenceMs = tail && Math.max(0, this.#parts.clock().wallMs - tail.writtenAtMs);
    return reportedAtEnd({ tail, program: this.#program.program, silenceMs });
  }

  /** Ends immediately when a stop is requested. */
  async #pause(delayMs: number): Promise<void> {
    const { stop, clock, emit } = this.#parts;
    const { signal } = stop.stopping;
    if (signal.aborted || delayMs === 0) return;
    if (delayMs >= LONG_PAUSE_MS) {
      this.#saveAgent(this.#state().state, { restartAtMs: clock().wallMs + delayMs });
    }
    if (delayMs >= LONG_PAUSE_MS) this.#parts.analyses.release();
    if (this.#parts.options.attachDebugger && this.#state().state === 'armed') this.#native.prepare();
    emit({ event: 'restarting', delayMs });
    await delay(delayMs, signal);
  }

  /** Lets a manually disarmed worker run on without a debugger. */
  detachDebugger(): Promise<void> {
    if (this.#debuggerState.state === 'attached') this.#debuggerState = { state: 'waiting', reason: null };
    return this.#native.end();
  }

  /** `crashmon arm`, `disarm` or `session` was used. */
  overridden(): void {
    this.#parts.memory.refreshManual();
    if (this.#parts.memory.policy.manual === 'disarmed') this.#memory.end();
    this.#sessions.review();
    this.#children.arm();
    this.#programSeen();
  }

  /** A report was stored, and with it the dump. */
  reported(): void {
    if (this.#parts.memory.policy.session == null) return;
    this.overridden();
    this.#parts.uplink?.refresh();
  }

  /** After the last worker: no process of ours is left running. */
  async settled(): Promise<void> {
    if (this.#parts.memory.policy.session != null) this.#sessions.review();
    this.#sessions.end();
    this.#memory.settle();
    this.#ports.end();
    await this.#childrenEnded;
    await this.#native.settled(DEBUGGER_LEAVES_MS);
  }

  #debuggerChanged(state: DebuggerState): void {
    this.#debuggerState = state;
    this.#reconsider();
    this.#saveAgent(this.#state().state);
    if (state.state !== 'waiting') this.#parts.emit({ event: 'debugger', ...state });
  }

  #probeOf(): Runtime | null {
    return this.#preparation?.gives === 'probe' ? this.#preparation.runtime : null;
  }

  #withoutDebugger(): boolean {
    return this.#debuggerState.state === 'off' || this.#debuggerState.state === 'not-attached';
  }

  #watchProgram({ run, worker, takenOver }: WatchedWorker): void {
    this.#current = run;
    if (this.#parts.options.disabled !== null) return;
    this.#program.begin(worker, takenOver ? run.startedAt.wallMs : null);
    this.#children.begin(run, worker, () => this.#program.oomKills);
    this.#ports.begin(worker.pid);
    if (run.armed) this.#memory.begin(run.id, () => this.#program.program?.pid ?? worker.pid);
  }

  #impactKnown(run: EndedRun, impact: Impact): void {
    const { memory, uplink, emit } = this.#parts;
    memory.write((journal) => journal.saveImpact(run.id, impact));
    const next = memory.read((journal) => journal.nextStart(run.id));
    if (next !== null && run.verdict.counted) uplink?.impact(run, elapsedMs(run.diedAt, next), impact);
    emit({ event: 'impact', runId: run.id, impact });
  }

  #programSeen(): void {
    this.#reconsider();
    this.#saveAgent(this.#state().state);
    const count = this.#programState()?.forks ?? 0;
    if (count > 0 && !this.#forksReported) this.#parts.emit({ event: 'forks', count });
    this.#forksReported ||= count > 0;
  }

  /** Children that are watched are no longer something that is not seen. */
  #programState(): ProgramState | null {
    const { state } = this.#program;
    const children = this.#children.watched;
    return state === null || children === null ? state : { ...state, forks: 0, children };
  }

  /** "Armed" is only claimed where a capture can come, whatever happens to the worker. */
  #reconsider(): void {
    const { memory } = this.#parts;
    if (this.#current?.armed !== true || memory.policy.noCapture !== null) return;
    const { runtime } = this.#program;
    const noCapture = noCaptureOfRunning(runtime, this.#probeOf(), this.#withoutDebugger());
    if (noCapture !== null) memory.setNoCapture(noCapture);
  }

  #saveAgent(state: MonitorState, more: { restartAtMs?: number } = {}): void {
    const { memory, clock } = this.#parts;
    const { pid } = process;
    const program = this.#programState();
    const record = {
      pid,
      startTicks: readProcessStat(pid)?.startTicks ?? null,
      startedAtMs: clock().wallMs,
      restarts: this.#restartCount,
      state,
      debugger: this.#debuggerState,
      ...(this.#sessions.isExitWatched ? { isExitWatched: true as const } : {}),
      ...(program === null ? {} : { program }),
      ...(this.#preparation === null ? {} : { startedWith: startedWith(this.#preparation) }),
      ...more,
    };
    memory.write((journal) => journal.saveAgent(record));
  }
}
