import type { Emit } from '../agent/agent-event.ts';
import { deathEvidence } from '../agent/last-words/death-evidence.ts';
import { ProgramWatch } from '../agent/program-watch.ts';
import { settleExit, UNSEEN_EXIT } from '../agent/settle-exit.ts';
import { findWorkerOf } from '../agent/worker-of-run.ts';
import { fingerprint } from '../formats/fingerprint.ts';
import { hasSlotOf } from '../journal/slot.ts';
import type { Instant } from '../model/instant.ts';
import type { EndedRun, Run } from '../model/run.ts';
import { elapsedMs } from '../policy/elapsed.ts';
import { monitorState } from '../policy/monitor-state.ts';
import { readProcessStat } from '../worker/process-info.ts';
import { type AppContext, type AppParts, openAppParts } from './app-parts.ts';
import { ServiceCapture } from './capture/service-capture.ts';
import type { ServiceFollower } from './host-agent.ts';
import type { AppSettings } from './host-settings.ts';
import { placeOfApp } from './place-of-app.ts';
import type { Service, ServiceCommand, ServiceExit, ServiceStart } from './source.ts';

/** The program of a run is known while it lives, and for a while after. */
type Current = {
  start: ServiceStart;
  watch: ProgramWatch;
  command: ServiceCommand | null;
  /** Settles once `command` is known, if it ever is. */
  learned: Promise<void>;
};

const MAX_FOLLOWED = 4;
/** What is reported sooner has just started. */
const JUST_STARTED_MS = 5_000;
/** Runs that were settled; the journal knows those before, unless it cannot be written to. */
const MAX_SETTLED = 100;

/**
 * One service that another supervisor starts. Its exits are settled as those of `crashmon run` are, by the same code, once
 * each. Nothing is opened, and nothing stored, before there is something to store.
 */
export class HostedApp implements ServiceFollower {
  readonly #service: Service;
  readonly #settings: AppSettings;
  readonly #context: AppContext;
  readonly #emit: Emit;
  /** The newest runs, by their keys. */
  readonly #runs = new Map<string, Current>();
  readonly #settling = new Map<string, Promise<void>>();
  #parts: Promise<AppParts> | null = null;
  /** Once they are open. */
  #capture: ServiceCapture | null = null;
  #order: Promise<void> = Promise.resolve();
  /** Exits that were reported and are not settled yet. */
  #unsettled = 0;
  /** By the supervisor's count, else by ours. */
  #restarts: number | null = null;
  #living: string | null = null;

  constructor(service: Service, settings: AppSettings, context: AppContext) {
    this.#service = service;
    this.#settings = settings;
    this.#context = context;
    this.#emit = context.emit;
  }

  /** The run that lives; null if none does. */
  get current(): Current | null {
    return this.#living === null ? null : (this.#runs.get(this.#living) ?? null);
  }

  /** Its exit is watched, so that what ends it is captured. */
  get isArmed(): boolean {
    return this.current !== null && (this.#capture?.isWatched(this.current.start) ?? false);
  }

  started(start: ServiceStart): void {
    if (this.#runs.has(start.key)) return;
    const { watch } = this.#track(start, start.startedAtMs);
    this.#living = start.key;
    const isOlder = this.#context.clock().wallMs - start.startedAtMs > JUST_STARTED_MS;
    if (start.startTicks !== null) {
      const { pid, startTicks } = start;
      watch.begin({ pid, startTicks }, isOlder ? start.startedAtMs : null);
    }
    const state = this.#isOpenedEarly() ? this.#open() : this.#parts;
    const restarts = start.restarts ?? (this.#restarts === null ? 0 : this.#restarts + 1);
    this.#restarts = restarts;
    void state?.then((parts) => {
      const run = this.#runOf(start, parts);
      parts.uplink?.started(run, restarts);
      parts.notify?.started();
      parts.analyses.release();
      this.#storeStart(run, parts);
    }, this.#failed);
    this.#consider();
    this.#emit({
      ...{ event: 'started', runId: runIdOf(start.key), pid: start.pid, state: 'watching', armed: false },
      ...{ restarts, program: null, ...(isOlder ? { alreadyRunning: true } : {}) },
    });
  }

  exited(exit: ServiceExit): Promise<void> {
    const { key } = exit.start;
    const known = this.#settling.get(key);
    if (known !== undefined) return known;
    // An unknown start is as late as the end.
    const { startedAtMs } = exit.start;
    const run =
      this.#runs.get(key) ?? this.#track(exit.start, startedAtMs < exit.endedAtMs ? startedAtMs : null);
    if (this.#living === key) this.#living = null;
    const { oomKills } = run.watch;
    run.watch.end();
    // In their order: the policy counts them.
    const settling = this.#order
      .then(() => this.#settle(exit, run, oomKills))
      .catch((error: Error) => {
        // If it is reported again, it is tried again.
        this.#settling.delete(key);
        this.#failed(error);
      });
    this.#order = settling;
    this.#settling.set(key, settling);
    for (const old of [...this.#settling.keys()].slice(0, -MAX_SETTLED)) this.#settling.delete(old);
    this.#unsettled += 1;
    void settling.then(() => {
      this.#unsettled -= 1;
      this.#consider();
    });
    return settling;
  }

  missed(count: number): void {
    this.#order = this.#order
      .then(async () => {
        const { memory } = await this.#open();
        const atMs = this.#context.clock().wallMs;
        memory.write((journal) => journal.addMissed(count, atMs));
        this.#emit({ event: 'missed', count });
      })
      .catch(this.#failed);
  }

  gone(): Promise<void> {
    this.#living = null;
    return this.end();
  }

  async end(): Promise<void> {
    await this.#order;
    const goesOn = this.#living !== null;
    const parts = await this.#parts?.catch(() => null);
    this.#capture?.end();
    this.#capture = null;
    for (const key of [...this.#runs.keys()]) this.#forget(key);
    this.#parts = null;
    await parts?.end(goesOn);
  }

  async #settle(exit: ServiceExit, run: Current, oomKills: number | null): Promise<void> {
    const { start, status, because, endedAtMs } = exit;
    const parts = await this.#open();
    const runId = runIdOf(start.key);
    const stored = parts.memory.read((journal) => journal.exitsByPrefix(runId));
    if (stored !== null && stored.length > 0) return;
    parts.memory.refreshManual();
    // Before the words, which can take a while: the agent can be killed.
    const armed = (await this.#capture?.keep(run.start, runId)) ?? false;
    const tail = exit.asked ? null : await exit.lastWords();
    await run.learned;
    const { program, runtime } = run.watch;
    const isEmpty = tail === null || tail.bytes.length === 0;
    const silenceMs = isEmpty ? null : Math.max(0, endedAtMs - tail.writtenAtMs);
    const ended = settleExit(parts, {
      ...UNSEEN_EXIT,
      ...{ run: { ...this.#runOf(start, parts), armed }, status, endedAtMs, oomKills, stderr: tail },
      diedAt: this.#instantOf(endedAtMs),
      // The supervisor does not say with which signal.
      asked: exit.asked ? { what: 'stop', signal: null } : null,
      runtime,
      death: program === null || silenceMs === null ? null : deathEvidence(program, status, silenceMs),
      withoutDebugger: true,
      supervisor: { because },
    });
    this.#report(ended, parts);
    parts.analyses.release();
    if (ended.verdict.counted && runtime === 'node') this.#capture?.counted();
  }

  #report(ended: EndedRun, { options, memory, emit }: AppParts): void {
    const { id, status, verdict, crashesInWindow, captured, startedAt, diedAt } = ended;
    const { armAfter, windowMs } = options.policy;
    const policy = { settings: options.policy, state: memory.policy, disabled: false };
    const { state, cooldownUntilMs, noCapture } = monitorState(policy, this.#context.clock());
    emit({
      ...{ event: 'ended', runId: id, status, verdict, crashesInWindow, captured },
      ...{ uptimeMs: elapsedMs(startedAt, diedAt), armAfter, windowMs, state, cooldownUntilMs, noCapture },
    });
  }

  #track(start: ServiceStart, sinceMs: number | null): Current {
    const watch = new ProgramWatch(() => this.#consider(), { argv: [], cwd: '/', env: {} });
    const learn = async () => {
      current.command = (await start.command?.()) ?? null;
      if (current.command !== null)
        watch.startedBy({ ...current.command, env: { PATH: USUAL_PATH } }, sinceMs);
    };
    const current: Current = { start, watch, command: null, learned: Promise.resolve() };
    current.learned = learn();
    this.#runs.set(start.key, current);
    for (const key of [...this.#runs.keys()].slice(0, -MAX_FOLLOWED)) this.#forget(key);
    return current;
  }

  #open(): Promise<AppParts> {
    const place = () => {
      const newest = [...this.#runs.values()].at(-1);
      return placeOfApp(newest?.watch.program ?? null, newest?.command ?? null);
    };
    this.#parts ??= openAppParts(this.#service, this.#settings, this.#context, place).then(
      (parts) => {
        this.#capture = this.#captureOf(parts);
        this.#forgetOpenRuns(parts);
        const run = this.current;
        if (run !== null && !this.#settling.has(run.start.key)) {
          this.#storeStart(this.#runOf(run.start, parts), parts);
        }
        this.#consider();
        return parts;
      },
      (error) => {
        // The next exit tries again.
        this.#parts = null;
        throw error;
      },
    );
    return this.#parts;
  }

  /** What was armed stays armed; otherwise there is nothing to do before an exit. */
  #isOpenedEarly(): boolean {
    const { uplink, policy, app } = this.#settings;
    const { stateDir } = this.#context;
    if (uplink !== null || policy.armAfter === 0) return true;
    return stateDir !== null && hasSlotOf(stateDir, app);
  }

  #captureOf(parts: AppParts): ServiceCapture {
    const { exits, clock } = this.#context;
    const { memory, options, directory } = parts;
    return new ServiceCapture({
      ...{ exits, clock, emit: this.#emit, memory, settings: options.policy, directory },
      isAllowed: this.#settings.attachDebugger,
      onArmed: ({ key, pid }) => this.#emit({ event: 'armed', runId: runIdOf(key), pid }),
      onOverride: () => this.#consider(),
      onChange: () => {
        const run = this.current;
        if (run !== null) this.#storeStart(this.#runOf(run.start, parts), parts);
      },
    });
  }

  /** Is the process that runs to be watched at its exit? */
  #consider(): void {
    const run = this.current;
    if (run === null || this.#capture === null) return;
    this.#capture.learned(run.watch.runtime);
    this.#capture.consider(run.start, this.#unsettled);
  }

  /** For `crashmon status`. */
  #storeStart(run: Run, { memory, options }: AppParts): void {
    const policy = { settings: options.policy, state: memory.policy, disabled: false };
    const { state } = monitorState(policy, this.#context.clock());
    const { pid } = process;
    const startTicks = readProcessStat(pid)?.startTicks ?? null;
    memory.write((journal) => {
      journal.recordIntent(run);
      journal.saveAgent({
        pid,
        startTicks,
        startedAtMs: run.startedAt.wallMs,
        restarts: this.#restarts ?? 0,
        state,
      });
    });
  }

  /** Of an agent that was killed: what became of them comes from the source, or is not known. */
  #forgetOpenRuns({ memory }: AppParts): void {
    const known = new Set([...this.#runs.keys()].map(runIdOf));
    for (const run of memory.read((journal) => journal.openRuns()) ?? []) {
      if (known.has(run.id)) continue;
      if (findWorkerOf(run, this.#context.clock().bootId) === null) {
        memory.write((journal) => journal.forgetIntent(run.id));
      }
    }
  }

  #runOf(start: ServiceStart, { commandHash }: AppParts): Run {
    const { key, pid, startTicks, startedAtMs } = start;
    const armed = this.#capture?.isWatched(start) ?? false;
    return {
      ...{ id: runIdOf(key), startedAt: this.#instantOf(startedAtMs), armed, commandHash },
      ...{ pid: pid === 0 ? null : pid, pidStartTicks: startTicks },
    };
  }

  /** A time of the wall clock; one from before this boot is comparable by that alone. */
  #instantOf(wallMs: number): Instant {
    const now = this.#context.clock();
    const monotonicMs = Math.round(now.monotonicMs - (now.wallMs - wallMs));
    const isOfThisBoot = monotonicMs >= 0 && monotonicMs <= now.monotonicMs;
    return {
      wallMs: Math.round(wallMs),
      monotonicMs: isOfThisBoot ? monotonicMs : 0,
      bootId: isOfThisBoot ? now.bootId : '',
    };
  }

  #forget(key: string): void {
    this.#runs.get(key)?.watch.end();
    this.#runs.delete(key);
  }

  readonly #failed = (error: Error): void => {
    const message = `${error.message} Crashes of ${this.#service.name} are not recorded.`;
    this.#emit({ event: 'problem', message });
  };
}

const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** 12 digits, the same whichever way the run is learned of. */
function runIdOf(key: string): string {
  return fingerprint(key).slice(0, 12);
}
