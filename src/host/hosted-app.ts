import type { Emit } from '../agent/agent-event.ts';
import { findWorkerOf } from '../agent/worker-of-run.ts';
import { fingerprint } from '../formats/fingerprint.ts';
import { hasSlotOf } from '../journal/slot.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { Impact } from '../model/impact.ts';
import type { Instant } from '../model/instant.ts';
import type { NoCaptureReason } from '../model/no-capture.ts';
import type { EndedRun, Run } from '../model/run.ts';
import type { Runtime } from '../model/runtime.ts';
import { elapsedMs } from '../policy/elapsed.ts';
import { monitorState } from '../policy/monitor-state.ts';
import { readProcessStat } from '../worker/process-info.ts';
import { type AppContext, type AppParts, openAppParts } from './app-parts.ts';
import { captureOutlook, isExitWatched } from './capture/capture-outlook.ts';
import { ServiceCapture } from './capture/service-capture.ts';
import { ExitQueue, type SettledExit } from './exit-queue.ts';
import { type EndedFollowedRun, type FollowedRun, FollowedRuns } from './followed-runs.ts';
import type { ServiceFollower } from './host-agent.ts';
import type { AppSettings } from './host-settings.ts';
import type { RunningStatus } from './host-status.ts';
import { ServicePorts } from './impact/service-ports.ts';
import { noWordsOf } from './no-words.ts';
import { UnitProbe } from './probe/unit-probe.ts';
import { instantOf, runIdOf, runOfStart, startInstant } from './run-of-start.ts';
import { settleServiceExit } from './settle-service-exit.ts';
import type { Service, ServiceExit, ServiceStart } from './source.ts';
import { sweepCaptures } from './sweep-captures.ts';
import { ServiceWorkers } from './workers/service-workers.ts';

/** What is reported sooner has just started. */
const JUST_STARTED_MS = 5_000;
/** A crash loop can be faster than its words are read: those that wait longer are recorded without them, and starts wait. */
const MAX_BEHIND = 10;
const STORED: SettledExit = { stored: Promise.resolve(true) };

/**
 * One service that another supervisor starts. Its exits are settled as those of `crashmon run` are, by the same code, once
 * each. Nothing is opened, and nothing stored, before there is something to store.
 */
export class HostedApp implements ServiceFollower {
  readonly #service: Service;
  readonly #settings: AppSettings;
  readonly #context: AppContext;
  readonly #emit: Emit;
  readonly #runs = new FollowedRuns(() => this.#consider());
  readonly #exits = new ExitQueue({
    onProblem: (error) => this.#failed(error),
    onSettled: () => this.#onSettled(),
  });
  #parts: Promise<AppParts> | null = null;
  /** Once they are open. */
  #capture: ServiceCapture | null = null;
  #captures: Disposable | null = null;
  /** By the supervisor's count, else by ours. */
  #restarts: number | null = null;
  /** The newest start, while exits wait: in a crash loop that run has ended by then. */
  #postponed: ServiceStart | null = null;
  /** The newest run has just crashed. */
  #isRestartDue = false;
  readonly #workers: ServiceWorkers;
  readonly #ports: ServicePorts;
  /** Nothing more is attached. */
  #isEnding = false;
  /** Nothing more is opened: another one may follow the service now. */
  #isOver = false;

  constructor(service: Service, settings: AppSettings, context: AppContext) {
    this.#service = service;
    this.#settings = settings;
    this.#context = context;
    this.#emit = context.emit;
    const { exits, started, clock, emit, tcp } = context;
    const onImpact = this.#impactKnown;
    this.#ports = new ServicePorts({ tcp, clock, onImpact });
    const debuggers = settings.attachDebugger ? context.debuggers : null;
    this.#workers = new ServiceWorkers({
      ...{ exits, started, debuggers, clock, emit, settings: settings.policy, names: settings.children },
      commandHash: fingerprint(service.id),
      open: async () => (this.#isOver ? null : await this.#open()),
      wantsCapture: () => this.#capture?.isArmedBelow ?? false,
      newestEnd: () => this.#capture?.newestEndBelow ?? null,
      dumpOf: (held) => this.#capture?.dumpOf(held) ?? null,
      wantsWhole: () => this.#capture?.wantsWholeBelow ?? false,
      sessionMeans: (newest) => this.#capture?.sessionMeansBelow(newest) ?? null,
      onChange: (recorded) => {
        if (recorded?.verdict.counted === true) this.#capture?.crashedBelow(recorded.status);
        this.#consider();
        this.#storeCurrent();
      },
    });
  }

  /** The run that lives; null if none does. */
  get current(): FollowedRun | null {
    return this.#runs.current;
  }

  /** Of the app. */
  get name(): string {
    return this.#settings.app;
  }

  /** Its journal is wanted, though there is nothing to store yet: `crashmon arm`. */
  async open(): Promise<void> {
    if (!this.#isOver) await this.#open().catch(this.#failed);
  }

  /** For `crashmon status`; null if it does not run. */
  get running(): RunningStatus | null {
    if (this.current === null) return null;
    const { start, watch, noWords } = this.current;
    const { pid, startedAtMs, service } = start;
    const armedFor = this.#capture?.watchedBy(start) ?? null;
    const { runtime } = watch;
    const workers = this.#workers.watched;
    const notRead = noWordsOf(pid, service.source) ?? noWords;
    // Workers inherit standard error.
    const isRead = start.wordsOf !== undefined && notRead === null;
    return {
      ...{ pid, startedAtMs, runtime, armedFor },
      noCapture: armedFor !== null ? null : this.#outlookOf(pid, runtime),
      noWords: notRead,
      ...(workers === null ? {} : { workers: { ...workers, isRead } }),
    };
  }

  started(start: ServiceStart): void {
    if (this.#runs.get(start.key) !== undefined) return;
    this.#postponed = this.#isBehind ? start : null;
    if (this.#isBehind) return;
    this.#capture?.started(start);
    const isOlder = this.#context.clock().wallMs - start.startedAtMs > JUST_STARTED_MS;
    this.#runs.started(start, isOlder, this.#context.clock());
    this.#ports.started(start);
    this.#workers.began(start, () => this.#runs.get(start.key)?.watch.oomKills ?? null);
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

  exited(exit: ServiceExit): Promise<boolean> {
    const { key } = exit.start;
    if (this.#postponed?.key === key) this.#postponed = null;
    // A run that is known to have ended is followed no more.
    this.#workers.ended(key);
    const now = this.#context.clock();
    const ended = this.#exits.has(key) ? null : this.#runs.ended(exit.start, exit.endedAtMs, now);
    if (ended !== null && !exit.asked) {
      this.#ports.exited(key, exit.endedAtMs);
      this.#capture?.exited(ended.run.start, exit.status);
    }
    const stored = this.#exits.add(key, async () => {
      if (ended === null) return STORED;
      try {
        return await this.#settle(exit, ended, instantOf(exit.endedAtMs, now));
      } catch (error) {
        // Another error than of the state directory stays the same.
        if (error instanceof CrashmonError) throw error;
        this.#failed(error as Error);
        this.#workers.settled(key, true);
        this.#ports.settled(key, null);
        void this.missed(1, key);
        return STORED;
      }
    });
    if (ended === null) return stored;
    this.#isRestartDue = !exit.asked && now.wallMs - exit.endedAtMs < JUST_STARTED_MS;
    // With this one unsettled.
    this.#consider();
    return stored;
  }

  missed(count: number, id?: string): Promise<boolean> {
    return this.#exits.addCount(async () => {
      const { memory } = await this.#open();
      const known = memory.read((journal) => journal.missed())?.ids ?? [];
      if (id !== undefined && known.includes(id)) return STORED;
      const atMs = this.#context.clock().wallMs;
      memory.write((journal) => journal.addMissed(count, atMs, id));
      this.#emit({ event: 'missed', count });
      return { stored: memory.stored() };
    });
  }

  gone(): Promise<void> {
    this.#postponed = null;
    this.#runs.gone();
    return this.end();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#exits.end();
    const goesOn = this.current !== null;
    await this.#workers.end();
    this.#ports.end();
    this.#isOver = true;
    this.#captures?.[Symbol.dispose]();
    const parts = await this.#parts?.catch(() => null);
    await this.#capture?.end();
    this.#capture = null;
    this.#parts = null;
    // It begins with the reports that are handed over: they need the roots of the runs.
    const ended = parts?.end(goesOn);
    this.#runs.end();
    await ended;
    this.#context.onEnd(parts?.uplink ? parts.directory : null);
  }

  async #settle(exit: ServiceExit, ended: EndedFollowedRun, diedAt: Instant): Promise<SettledExit> {
    const parts = await this.#open();
    const capture = this.#capture;
    const isBehind = this.#isBehind;
    const stored = await settleServiceExit(exit, { ...ended, parts, capture, diedAt, isBehind });
    this.#workers.settled(exit.start.key, exit.asked || stored === null || stored.verdict.counted);
    this.#ports.settled(exit.start.key, stored);
    if (stored === null) return STORED;
    const settled = { stored: parts.memory.stored() };
    this.#report(stored, parts);
    parts.analyses.release();
    if (stored.verdict.counted) capture?.counted(exit.status);
    return settled;
  }

  get #isBehind(): boolean {
    return this.#exits.unsettled > MAX_BEHIND;
  }

  #onSettled(): void {
    const postponed = this.#postponed;
    if (postponed !== null && !this.#isBehind && !this.#isEnding) this.started(postponed);
    else this.#consider();
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

  readonly #impactKnown = (run: EndedRun, impact: Impact, backAfterMs: number | null): void => {
    void this.#parts?.then(({ memory, uplink }) => {
      memory.write((journal) => journal.saveImpact(run.id, impact));
      if (backAfterMs !== null) uplink?.impact(run, backAfterMs, impact);
      this.#emit({ event: 'impact', runId: run.id, impact });
    }, this.#failed);
  };

  #open(): Promise<AppParts> {
    const place = () => this.#runs.place;
    const onReport = () => this.#capture?.reported();
    this.#parts ??= openAppParts(this.#service, this.#settings, this.#context, place, onReport).then(
      (parts) => {
        this.#capture = this.#captureOf(parts);
        this.#forgetOpenRuns(parts);
        this.#captures?.[Symbol.dispose]();
        this.#captures = sweepCaptures(parts, this.#context.clock, (runId) => this.#follows(runId));
        const run = this.current;
        if (run !== null && !this.#exits.has(run.start.key)) {
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
    const { exits, debuggers, clock } = this.#context;
    const { memory, options, directory } = parts;
    return new ServiceCapture({
      probe: this.#probeOf(directory),
      ...{ exits, debuggers, clock, emit: this.#emit, memory, settings: options.policy, directory },
      uid: this.#context.uid,
      isAllowed: this.#settings.attachDebugger,
      isExitWatched: isExitWatched(this.#service.source),
      onArmed: ({ key, pid }, means) => this.#emit({ event: 'armed', runId: runIdOf(key), pid, means }),
      onOverride: () => this.#consider(),
      onChange: () => this.#storeCurrent(),
    });
  }

  #probeOf(directory: string): UnitProbe | null {
    const { probes } = this.#context;
    const { source, attributes } = this.#service;
    const unit = attributes['systemd.unit'];
    if (probes === null || unit === undefined || source !== 'systemd' || !this.#settings.dropIn) return null;
    return new UnitProbe({
      ...{ unit, directory, host: probes, onClaim: () => this.#consider() },
      onProblem: (message) => this.#emit({ event: 'problem', message }),
    });
  }

  /** Is the process that runs to be watched at its exit, or the next one to be started with the probe? */
  #consider(): void {
    const run = this.current;
    this.#context.onStatus();
    if (this.#isEnding) return;
    if (run === null) this.#capture?.expect(this.#exits.unsettled, this.#isRestartDue);
    if (run === null) return;
    const { runtime } = run.watch;
    run.outlook = this.#outlookOf(run.start.pid, runtime);
    if (this.#capture === null) return;
    this.#capture.learned(run.start, runtime, run.outlook);
    this.#capture.consider(run.start, this.#exits.unsettled);
    this.#workers.reconsider();
  }

  #outlookOf(pid: number, runtime: Runtime | null): NoCaptureReason | null {
    return captureOutlook(pid, runtime, this.#service.source, this.#settings.attachDebugger);
  }

  #storeCurrent(): void {
    const run = this.current;
    if (run === null) return;
    void this.#parts?.then((parts) => this.#storeStart(this.#runOf(run.start, parts), parts), this.#failed);
  }

  /** For `crashmon status`. */
  #storeStart(run: Run, { memory, options }: AppParts): void {
    const policy = { settings: options.policy, state: memory.policy, disabled: false };
    const { state } = monitorState(policy, this.#context.clock());
    const { pid } = process;
    const startTicks = readProcessStat(pid)?.startTicks ?? null;
    const children = this.current === null ? null : this.#workers.watched;
    const runtime = this.current?.watch.runtime ?? null;
    const program = children === null || runtime === null ? null : { runtime, forks: 0, children };
    memory.write((journal) => {
      journal.recordIntent(run);
      journal.saveAgent({
        pid,
        startTicks,
        startedAtMs: run.startedAt.wallMs,
        restarts: this.#restarts ?? 0,
        state,
        ...(this.#capture === null ? {} : this.#capture.record),
        ...(program === null ? {} : { program }),
      });
    });
  }

  /** Of an agent that was killed: what became of them comes from the source, or is not known. */
  #forgetOpenRuns({ memory }: AppParts): void {
    for (const run of memory.read((journal) => journal.openRuns()) ?? []) {
      if (this.#follows(run.id)) continue;
      if (findWorkerOf(run, this.#context.clock().bootId) === null) {
        memory.write((journal) => journal.forgetIntent(run.id));
      }
    }
  }

  #follows(runId: string): boolean {
    return this.#runs.keys.some((key) => runIdOf(key) === runId);
  }

  #runOf(start: ServiceStart, { commandHash }: AppParts): Run {
    const armed = this.#capture?.isWatched(start) ?? false;
    const startedAt = this.#runs.get(start.key)?.startedAt ?? startInstant(start, this.#context.clock());
    return runOfStart(start, { commandHash, armed, startedAt });
  }

  readonly #failed = (error: Error): void => {
    const message = `${error.message} Crashes of ${this.#service.name} are not recorded.`;
    this.#emit({ event: 'problem', message });
  };
}
