import type { DebuggerState, ProgramState } from '../journal/documents.ts';
import { deleteRaw } from '../journal/raw-capture.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { Instant } from '../model/instant.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState, PolicyState } from '../model/policy.ts';
import type { EndedRun, Run } from '../model/run.ts';
import { elapsedMs } from '../policy/elapsed.ts';
import { type MonitorStateAnswer, monitorState } from '../policy/monitor-state.ts';
import { noCaptureOfRunning } from '../policy/no-capture.ts';
import { crashesInARow, restartDelayMs } from '../policy/restart-backoff.ts';
import { withRestart } from '../policy/restart-limit.ts';
import { shouldRestart } from '../policy/should-restart.ts';
import { delay } from '../worker/delay.ts';
import { feedWatchdog } from '../worker/feed-watchdog.ts';
import { type LaunchFailure, type LaunchOptions, launchWorker } from '../worker/launch.ts';
import { readProcessStat } from '../worker/process-info.ts';
import type { Worker } from '../worker/worker.ts';
import { Arming } from './arming.ts';
import { hashCommand } from './hash-command.ts';
import { type ExitToJudge, type JudgedExit, judgeExit } from './judge-exit.ts';
import type { MonitorParts, Orphan } from './monitor-parts.ts';
import { NativeCapture } from './native/native-capture.ts';
import type { FaultCapture } from './native/native-watch.ts';
import { ParentChannel } from './parent-channel.ts';
import { ProgramWatch } from './program-watch.ts';
import { RunRest } from './run-rest.ts';
import { workerEnvironment } from './worker-environment.ts';

/** A worker that crashmon is responsible for, with what is known of its run. */
type Life = { run: Run; worker: Worker; rest: RunRest };

/** So long a debugger may take to end after its process did. */
const DEBUGGER_LEAVES_MS = 1_000;

/**
 * The monitor loop: start the worker (armed if the policy says so), wait for its end, judge it, remember, start again.
 * Nothing that can wait is done between a death and the next start.
 */
export class Monitor {
  readonly #parts: MonitorParts;
  readonly #arming: Arming;
  readonly #debugger: NativeCapture;
  readonly #channel: ParentChannel;
  #crashesInARow = 0;
  #restarts = 0;
  /** Those that count against --max-restarts, in milliseconds of the monotonic clock. */
  #countedRestarts: number[] = [];
  #nextCrashArms = false;
  #debuggerState: DebuggerState;
  readonly #program: ProgramWatch;
  /** Was it reported that children run the same program? */
  #forksReported = false;
  #current: Run | null = null;

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.#debuggerState = { state: parts.options.attachDebugger ? 'waiting' : 'off', reason: null };
    this.#program = new ProgramWatch((program) => this.#programChanged(program));
    this.#arming = new Arming(parts.options, parts.directory, parts.emit);
    const asParent = parts.options.env.CRASHMON_DEBUGGER === 'parent';
    this.#debugger = new NativeCapture((state) => this.#debuggerChanged(state), asParent);
    this.#channel = new ParentChannel(parts.options.env, parts.options.inherited);
  }

  /**
   * @param orphan a worker left by an earlier crashmon, to be taken over
   * @returns the last worker's exit status, or why it could not be started at all
   */
  async run(orphan: Orphan | null): Promise<ExitStatus | LaunchFailure> {
    const { options, stop } = this.#parts;
    if (orphan === null && stop.stopped !== null) return stop.stopped;
    let life = orphan === null ? await this.#start() : this.#takeOver(orphan);
    for (;;) {
      if ('failed' in life) return stop.stopped ?? life;
      const status = await life.worker.exited;
      // Before anything else: systemd removes the cgroup of a scope that is empty.
      const { oomKills } = this.#program;
      const native = await this.#debugger.finalCapture();
      const { delayMs, restart, endRest } = this.#ended(life, { status, oomKills, native });
      // Beside the wait: what still holds the port must be gone by the next start.
      const cleared = endRest ? life.rest.end(stop) : life.rest.leave();
      if (!restart) {
        await cleared;
        return status;
      }
      using _watchdog = feedWatchdog(options.env);
      await this.#pause(delayMs);
      await cleared;
      // Nothing was there to be stopped: crashmon itself ends of the signal, and not like the crash before.
      if (stop.stopped !== null) return stop.stopped;
      this.#restarts += 1;
      life = await this.#startAgain(delayMs);
    }
  }

  /** State of the policy now, with any manual override. */
  #state(): MonitorStateAnswer {
    const { options, memory, clock } = this.#parts;
    memory.refreshManual();
    const disabled = options.disabled !== null;
    return monitorState({ settings: options.policy, state: memory.policy, disabled }, clock());
  }

  async #start(): Promise<Life | LaunchFailure> {
    const { options, memory, stderr, stop, uplink, notify, emit } = this.#parts;
    let { state } = this.#state();
    const run = this.#newRun();
    const prepared = state === 'armed' ? this.#arming.prepare(run.id) : null;
    const probeDirectory = prepared !== null && 'directory' in prepared ? prepared.directory : null;
    run.armed = probeDirectory !== null;
    if (prepared !== null && 'why' in prepared) {
      this.#noCapture({ why: prepared.why, runtime: null, code: null });
      state = this.#state().state;
    }
    // In this order: what the run before it wrote must never be taken for evidence of this one.
    stderr?.beginRun();
    memory.write((journal) => journal.recordIntent(run));
    const { env, inherited } = this.#channel;
    const worker = await this.#launch(run, {
      command: options.command,
      env: options.disabled === null ? workerEnvironment(env, run.id, probeDirectory) : env,
      stderr: stderr === null ? 'inherit' : stderr.fd,
      inherited,
    });
    if ('failed' in worker) {
      memory.write((journal) => journal.forgetIntent(run.id));
      if (probeDirectory !== null) this.#dropRaw(run.id);
      return worker;
    }
    // At once: it may end within milliseconds.
    const before = this.#program.state;
    this.#watchProgram(run, worker);
    run.pid = worker.pid;
    run.pidStartTicks = worker.startTicks;
    memory.write((journal) => journal.recordStarted(run.id, worker.pid, worker.startTicks));
    const rest = RunRest.of(run.id, worker, this.#parts, { isFresh: true });
    stop.attach(rest.noting(worker));
    stderr?.keep();
    this.#channel.follow(worker);
    this.#saveAgent(state);
    emit({
      event: 'started',
      runId: run.id,
      pid: worker.pid,
      state,
      armed: run.armed,
      restarts: this.#restarts,
      program: before,
    });
    this.#attach(run, worker);
    if (this.#nextCrashArms && options.attachDebugger) this.#debugger.preload();
    uplink?.started(run, this.#restarts);
    notify?.started();
    setImmediate(() => memory.settle());
    return { run, worker, rest };
  }

  async #launch(run: Run, options: LaunchOptions): Promise<Worker | LaunchFailure> {
    const debugged = this.#isDebugged(run) ? await this.#debugger.launch(options) : null;
    return debugged ?? (await launchWorker(options));
  }

  /** A restart whose command has vanished for a moment (a deploy under way) is tried again. */
  async #startAgain(delayMs: number): Promise<Life | LaunchFailure> {
    for (;;) {
      const life = await this.#start();
      if (!('failed' in life)) return life;
      this.#parts.emit({ event: 'problem', message: `The worker cannot be restarted: ${life.message}.` });
      await this.#pause(Math.max(delayMs, 1000));
      if (this.#parts.stop.stopped !== null) return life;
    }
  }

  #takeOver({ run, worker }: Orphan): Life {
    const { stop, stderr, uplink, notify, emit } = this.#parts;
    const { state } = this.#state();
    const rest = RunRest.of(run.id, worker, this.#parts, { isFresh: false });
    stop.attach(rest.noting(worker));
    stderr?.keep();
    this.#saveAgent(state);
    emit({ event: 'taken-over', runId: run.id, pid: worker.pid, state, armed: run.armed });
    this.#watchProgram(run, worker);
    this.#attach(run, worker);
    uplink?.started(run, this.#restarts, true);
    notify?.started();
    return { run, worker, rest };
  }

  /** Everything between a death and the next start; kept short. */
  #ended(
    { run }: Life,
    { status, oomKills, native }: Pick<ExitToJudge, 'status' | 'oomKills'> & { native: FaultCapture | null },
  ): { restart: boolean; delayMs: number; endRest: boolean } {
    const { options, directory, memory, stderr, stop, analyses, uplink, notify, clock, emit } = this.#parts;
    const diedAt = clock();
    this.#program.end();
    this.#current = null;
    const uptimeMs = elapsedMs(run.startedAt, diedAt);
    const tail = stderr?.tail() ?? null;
    const harmed = this.#arming.wasHarmful(run, status, tail, uptimeMs);
    memory.refreshManual();
    const judged = this.#judge({
      status,
      run,
      diedAtMs: diedAt.wallMs,
      directory,
      stderr: tail,
      asked: stop.asked,
      passedOn: stop.passedOn,
      oomKills,
      native: native?.value ?? null,
      runtime: this.#program.runtime,
      withoutDebugger: this.#withoutDebugger(),
      withoutState: this.#parts.directory === null,
      disabled: options.disabled !== null,
      policy: memory.policy,
      settings: options.policy,
      now: diedAt,
    });
    if (harmed) Object.assign(judged, withoutProbe(judged, memory.policy));
    const restartAsked = stop.asked?.what === 'restart';
    stop.detach();
    stderr?.endRun();
    memory.policy = judged.policy;
    const ended: EndedRun = { ...run, diedAt, status, ...judged.exit };
    const outgoing = uplink?.ended(ended, judged.policy);
    const news = notify?.ended(ended, judged.policy);
    memory.write((journal) => journal.recordExit(ended, judged.policy, outgoing, news));
    analyses.add(ended, judged.stderr, native);
    this.#nextCrashArms = ended.crashesInWindow > 0 && ended.crashesInWindow >= options.policy.armAfter;

    const next = this.#state();
    emit({
      event: 'ended',
      runId: run.id,
      status,
      verdict: ended.verdict,
      uptimeMs,
      crashesInWindow: ended.crashesInWindow,
      armAfter: options.policy.armAfter,
      windowMs: options.policy.windowMs,
      captured: ended.captured,
      state: next.state,
      cooldownUntilMs: next.cooldownUntilMs,
      noCapture: next.noCapture,
    });
    this.#crashesInARow = crashesInARow(this.#crashesInARow, uptimeMs);
    const stopping = stop.stopping.signal.aborted;
    // What we broke, we mend at once, also where the worker's own deaths are somebody else's business.
    const atOnce = restartAsked || harmed;
    const wanted = shouldRestart(options.restart, status, ended.verdict);
    const restart = !stopping && (atOnce || (wanted && this.#mayRestart(diedAt)));
    return {
      restart,
      // After a crash somebody else restarts where we do not. What ended by itself may have left a daemon on purpose.
      endRest: restart || wanted || stopping || ended.verdict.counted,
      delayMs: atOnce ? 0 : restartDelayMs(this.#crashesInARow, options.backoff, Math.random()),
    };
  }

  #mayRestart(now: Instant): boolean {
    const { options, emit } = this.#parts;
    const limit = options.restartLimit;
    if (limit === null) return true;
    const counted = withRestart(this.#countedRestarts, limit, now.monotonicMs);
    if (counted === null) emit({ event: 'restart-limit', ...limit });
    else this.#countedRestarts = counted;
    return counted !== null;
  }

  /** Whatever is wrong with the evidence, the worker is restarted. */
  #judge(facts: ExitToJudge): JudgedExit {
    try {
      return judgeExit(facts);
    } catch (error) {
      const message = `The evidence of this exit could not be read: ${(error as Error).message}.`;
      this.#parts.emit({ event: 'problem', message });
      return judgeExit({ ...facts, directory: null, stderr: null });
    }
  }

  /** Ends at once when a stop is asked for. */
  async #pause(delayMs: number): Promise<void> {
    const { stop, emit } = this.#parts;
    const { signal } = stop.stopping;
    if (signal.aborted || delayMs === 0) return;
    emit({ event: 'restarting', delayMs });
    await delay(delayMs, signal);
  }

  #newRun(): Run {
    const { options, clock } = this.#parts;
    return {
      id: newRunId(),
      startedAt: clock(),
      pid: null,
      pidStartTicks: null,
      armed: false,
      commandHash: hashCommand(options),
    };
  }

  /** Lets a manually disarmed worker run on without a debugger. */
  detachDebugger(): void {
    void this.#debugger.end();
  }

  /** A debugger for the armed worker; a restart never waits for it. */
  #attach(run: Run, worker: Worker): void {
    if (this.#isDebugged(run) && !this.#parts.stop.stopping.signal.aborted) this.#debugger.begin(worker);
  }

  #isDebugged(run: Run): boolean {
    return run.armed && this.#parts.options.attachDebugger;
  }

  /** After the last worker: nothing of ours is to be left running. */
  async settled(): Promise<void> {
    await this.#debugger.settled(DEBUGGER_LEAVES_MS);
  }

  #debuggerChanged(state: DebuggerState): void {
    const { emit } = this.#parts;
    this.#debuggerState = state;
    this.#reconsider();
    this.#saveAgent(this.#state().state);
    if (state.state !== 'waiting') emit({ event: 'debugger', ...state });
  }

  #withoutDebugger(): boolean {
    return this.#debuggerState.state === 'off' || this.#debuggerState.state === 'not-attached';
  }

  #watchProgram(run: Run, worker: Worker): void {
    this.#current = run;
    if (this.#parts.options.disabled === null) this.#program.begin(worker);
  }

  #programChanged({ forks }: ProgramState): void {
    this.#reconsider();
    this.#saveAgent(this.#state().state);
    if (forks === 0 || this.#forksReported) return;
    this.#forksReported = true;
    this.#parts.emit({ event: 'forks', count: forks });
  }

  /** Armed is said only where a capture can come, whatever happens to the worker. */
  #reconsider(): void {
    const { policy } = this.#parts.memory;
    if (this.#current?.armed !== true || policy.noCapture !== null) return;
    const noCapture = noCaptureOfRunning(this.#program.runtime, this.#withoutDebugger());
    if (noCapture !== null) this.#noCapture(noCapture);
  }

  #noCapture(noCapture: NoCapture): void {
    const { memory } = this.#parts;
    memory.policy = { ...memory.policy, noCapture };
    memory.write((journal) => journal.savePolicyState(memory.policy));
  }

  #dropRaw(runId: string): void {
    if (this.#parts.directory !== null) deleteRaw(this.#parts.directory, runId);
  }

  #saveAgent(state: MonitorState): void {
    const { memory, clock } = this.#parts;
    const { pid } = process;
    const startTicks = readProcessStat(pid)?.startTicks ?? null;
    const record = {
      pid,
      startTicks,
      startedAtMs: clock().wallMs,
      restarts: this.#restarts,
      state,
      debugger: this.#debuggerState,
      ...(this.#program.state === null ? {} : { program: this.#program.state }),
    };
    memory.write((journal) => journal.saveAgent(record));
  }
}

/** 48 random bits; unique is all they have to be. */
function newRunId(): string {
  return Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
}

/** The exit of a worker that the probe kept from starting is ours and counts for nothing. */
function withoutProbe({ exit }: JudgedExit, policy: PolicyState): Pick<JudgedExit, 'exit' | 'policy'> {
  const reason = "crashmon's probe could not be loaded into it; it is started again without";
  const verdict = { counted: false, suspected: false, kind: null, reason };
  const crashesInWindow = exit.crashesInWindow - (exit.verdict.counted ? 1 : 0);
  return { exit: { verdict, crashesInWindow, captured: false }, policy };
}
