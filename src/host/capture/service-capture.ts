import type { Emit } from '../../agent/agent-event.ts';
import type { Clock } from '../../agent/clock.ts';
import type { Memory } from '../../agent/memory.ts';
import type { DebuggerPool } from '../../agent/native/debugger-pool.ts';
import type { FaultCapture } from '../../agent/native/native-watch.ts';
import { type NewestCrashes, newestCrashes } from '../../agent/newest-crashes.ts';
import { hasRecord, keepRecords } from '../../agent/raw-run.ts';
import { watchRequests } from '../../agent/request-box.ts';
import { SessionWatch } from '../../agent/sessions/session-watch.ts';
import type { HeldProcess } from '../../exit-watch/held-process.ts';
import type { AgentRecord, DebuggerState } from '../../journal/documents.ts';
import { ensureRaw, rawDirectory } from '../../journal/raw-capture.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { NoCaptureReason } from '../../model/no-capture.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { Runtime } from '../../model/runtime.ts';
import { isOutOfReach, monitorState, wantsCapture } from '../../policy/monitor-state.ts';
import {
  type CrashEnd,
  captureMeans,
  crashEndOf,
  sessionMeans,
  wantedCapture,
  wantsMemory,
} from '../../policy/service-capture.ts';
import { findWorkingProcess } from '../../worker/main-process.ts';
import type { UnitProbe } from '../probe/unit-probe.ts';
import { runIdOf } from '../run-of-start.ts';
import { ServiceMemory } from '../service-memory.ts';
import type { ServiceStart } from '../source.ts';
import { ExitCapture } from './exit-capture.ts';
import type { HostExits } from './host-exits.ts';
import { ONLY_WATCHED } from './only-watched.ts';
import type { CapturedEnd, CaptureState, RunCapture } from './run-capture.ts';
import { SignalCapture } from './signal-capture.ts';

/** A run of a service whose end may be captured. */
export type WatchedRun = Pick<ServiceStart, 'key' | 'pid' | 'startTicks' | 'startedAtMs' | 'restart'>;

/** What is known of a run that has ended, for its settlement. */
export type KeptEnd = {
  /** A capture of its end was possible; then its raw directory is there. */
  armed: boolean;
  /** The exit watch has read its end, or the probe was in it. */
  isRead: boolean;
  fault: FaultCapture | null;
  heldDump: HeldDump | null;
};

type ServiceCaptureParts = {
  exits: HostExits;
  debuggers: DebuggerPool;
  clock: Clock;
  emit: Emit;
  settings: PolicySettings;
  /** false: nothing is attached to the service. */
  isAllowed: boolean;
  /** Its source learns by the exit watch how it ends. */
  isExitWatched: boolean;
  /** Restarts it with the probe; null if that is not wanted, or not possible. */
  probe: UnitProbe | null;
  memory: Memory;
  /** Where captures are kept. */
  directory: string;
  /** User of crashmon. */
  uid: number;
  /** `crashmon arm` or `disarm` was used, or the cool-down is over. */
  onOverride: () => void;
  /** The run is watched, because the service is armed; once for a run. */
  onArmed: (run: WatchedRun, means: CaptureMeans) => void;
  /** The run is watched now, or is not any more. */
  onChange: () => void;
};

/** How soon it is considered again while it cools down, however long that lasts. */
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 60 * 60_000;
const NOT_KEPT: KeptEnd = { armed: false, isRead: false, fault: null, heldDump: null };

/** Captures what ends the runs of a service, while it is armed. */
export class ServiceCapture {
  readonly #parts: ServiceCaptureParts;
  readonly #captures = new Map<WatchedRun, RunCapture>();
  readonly #ends = new Map<WatchedRun, Promise<CapturedEnd | null>>();
  readonly #announced = new WeakSet<WatchedRun>();
  readonly #requests: Disposable;
  readonly #sessions: SessionWatch;
  readonly #memory: ServiceMemory;
  readonly #said = new Set<string>();
  #outlook: NoCaptureReason | null = null;
  #isFirst = true;
  #timer: NodeJS.Timeout | undefined;
  #newest: NewestCrashes;
  #runtime: Runtime | null = null;
  /** Of the run that lives; null if no debugger is wanted. */
  #debugger: DebuggerState | null = null;

  constructor(parts: ServiceCaptureParts) {
    this.#parts = parts;
    const { directory, memory, onOverride } = parts;
    this.#newest = newestCrashes(memory);
    this.#memory = new ServiceMemory(directory, parts.uid);
    this.#sessions = new SessionWatch(parts, onOverride);
    this.#requests = watchRequests(directory, () => {
      memory.refreshManual();
      this.#sessions.review();
      onOverride();
    });
    this.#sessions.review();
  }

  /** A report was stored, and in a session the dump. */
  reported(): void {
    if (this.#parts.memory.policy.session != null) this.#sessions.review();
  }

  /** Would a crash of a process below the main one be captured, if it is of a kind that can be? */
  get isArmedBelow(): boolean {
    const { settings, memory, clock, isAllowed } = this.#parts;
    return isAllowed && wantsCapture({ settings, state: memory.policy, disabled: false }, clock());
  }

  get newestEndBelow(): CrashEnd | null {
    return this.#newest.below;
  }

  /** In a session, of a process below the main one that is held at its exit. */
  get wantsWholeBelow(): boolean {
    return this.#sessions.wantsWholeOf('child');
  }

  dumpOf(held: HeldProcess): HeldDump | null {
    return this.#sessions.dumpOf(held);
  }

  /** What a session wants attached to a process below the main one, by how the newest crashed; null without a session. */
  sessionMeansBelow(last: CrashEnd | null): CaptureMeans | null {
    const { isAllowed } = this.#parts;
    return isAllowed && this.#sessions.isRunning ? sessionMeans({ last, runtime: this.#runtime }) : null;
  }

  /** A crash of a process below the main one was recorded. */
  crashedBelow(status: ExitStatus): void {
    this.#newest = { ...this.#newest, below: crashEndOf(status), isBelow: true };
  }

  isWatched(run: WatchedRun): boolean {
    return this.watchedBy(run) !== null;
  }

  /** null if nothing is attached to it, and the probe is not in it. */
  watchedBy(run: WatchedRun): CaptureMeans | null {
    const capture = this.#captures.get(run);
    if (capture?.isWatched === true) return capture.means;
    return this.#isProbed(run) ? 'exit-watch' : null;
  }

  /** What would capture a crash like the last one. */
  get means(): CaptureMeans {
    const { isExitWatched } = this.#parts;
    return captureMeans({ last: this.#newest.main, runtime: this.#runtime, isExitWatched });
  }

  /** For `crashmon status`. */
  get record(): Pick<AgentRecord, 'means' | 'debugger'> {
    const { means } = this;
    return this.#debugger === null ? { means } : { means, debugger: this.#debugger };
  }

  /** Watches the end of this run, which lives, or leaves it. @param unsettled as in `ServiceHistory` */
  consider(run: WatchedRun, unsettled: number): void {
    const { pid, startTicks } = run;
    const means = this.#wanted(unsettled);
    if (this.#wantsProbe(unsettled + 1)) this.#parts.probe?.prepare(run);
    if (means === null) {
      this.leave(run);
      this.#prepare(unsettled);
      this.#considerAfterCooldown();
    } else if (!this.#parts.isAllowed) this.#cannot('switched-off');
    else if (means === 'debugger' && this.#outlook === 'exit-watched') this.#cannot('exit-watched');
    else if (startTicks !== null && this.#captures.get(run)?.means !== means) {
      const after = this.#captures.get(run)?.leave();
      this.#captures.set(run, this.#begin(means, run, { pid, startTicks }, after));
    }
    this.#announce(run);
    const { settings, memory, clock } = this.#parts;
    const isFollowed = wantsMemory({ settings, state: memory.policy, disabled: false }, clock());
    this.#memory.follow(isFollowed ? runIdOf(run.key) : null, () => findWorkingProcess(pid) ?? pid);
  }

  started(run: WatchedRun): void {
    this.#parts.probe?.started(run);
  }

  /** No run lives. @param isDue the supervisor restarts it by itself, after a crash */
  expect(unsettled: number, isDue: boolean): void {
    const { probe } = this.#parts;
    if (isDue && this.#wantsProbe(unsettled)) probe?.give();
    else probe?.take();
  }

  /** What the memory of a run that has ended was used for; of no use unless it was ended for that. */
  keepsMemory(runId: string, oomKills: number): boolean {
    const isKept = oomKills > 0 && this.#memory.hasFacts(runId);
    if (!isKept) this.#memory.forget(runId);
    return isKept;
  }

  /** It runs on. */
  leave(run: WatchedRun): void {
    const capture = this.#captures.get(run);
    if (capture === undefined) return;
    this.#captures.delete(run);
    this.#debugger = null;
    const { isWatched } = capture;
    void capture.leave();
    if (isWatched) this.#parts.onChange();
  }

  /** Settles when nothing is attached any more. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#requests[Symbol.dispose]();
    this.#sessions.end();
    this.#memory.end();
    this.#parts.probe?.end();
    const captures = [...this.#captures.values()];
    this.#captures.clear();
    await Promise.all(captures.map((capture) => capture.leave()));
  }

  /** What the service runs is known. @param outlook of that process, while it lived; see `captureOutlook` */
  learned(run: WatchedRun, runtime: Runtime | null, outlook: NoCaptureReason | null): void {
    if (runtime === null) return;
    this.#runtime = runtime;
    const { memory, probe } = this.#parts;
    if (runtime === 'node') probe?.learn(run);
    if (this.#isProbed(run) && isOutOfReach(memory.policy.noCapture)) memory.setNoCapture(null);
    if (this.isWatched(run)) return;
    const { noCapture } = memory.policy;
    const why = noCapture?.why ?? null;
    // What kept an earlier agent or run from being watched can be over.
    const isOver = why === 'only-watched' || why === this.#outlook || this.#isFirst;
    if (outlook !== null) this.#cannot(outlook);
    else if (isOver && isOutOfReach(noCapture)) memory.setNoCapture(null);
    this.#outlook = outlook;
    this.#isFirst = false;
  }

  /** A run has ended, and is not settled yet. Call it at once. */
  exited(run: WatchedRun, status: ExitStatus): void {
    const main = crashEndOf(status);
    if (main !== null) this.#newest = { ...this.#newest, main, isBelow: false };
    this.#memory.end();
    const capture = this.#captures.get(run);
    if (capture === undefined) return;
    this.#debugger = null;
    this.#ends.set(run, capture.ended(status));
  }

  /** A run has ended, and those before it are settled: keeps what was captured of its end. */
  async keep(run: WatchedRun, runId: string): Promise<KeptEnd> {
    const { directory, emit, probe } = this.#parts;
    const capture = this.#captures.get(run);
    const end = (await this.#ends.get(run)) ?? null;
    this.#captures.delete(run);
    this.#ends.delete(run);
    const probed = probe?.ended(run) ?? null;
    // An agent that was killed meanwhile has kept it.
    if (hasRecord(rawDirectory(directory, runId))) return { ...NOT_KEPT, armed: true, isRead: true };
    if (this.#wanted(0) === null || (end === null && probed === null)) return NOT_KEPT;
    const isRead = end?.isRead === true || probed !== null;
    if (!isRead && capture?.means === 'exit-watch') {
      const message =
        'The end of the process could not be read in time; it is tried again at the next crash.';
      if (capture.isWatched) emit({ event: 'problem', message });
      return NOT_KEPT;
    }
    try {
      const raw = ensureRaw(directory, runId);
      // The probe saw what was thrown, and when.
      if (probed !== null && probed.length > 0) keepRecords(raw, probed);
      else if (end !== null && end.record !== null) keepRecords(raw, [end.record]);
    } catch (error) {
      emit({ event: 'problem', message: `A capture could not be kept: ${(error as Error).message}.` });
    }
    return { armed: true, isRead, fault: end?.fault ?? null, heldDump: end?.heldDump ?? null };
  }

  /** See `UnitProbe`. After `keep`. */
  wasHarmful(run: WatchedRun, status: ExitStatus, output: Buffer | null): boolean {
    return this.#parts.probe?.wasHarmful(run, status, output) ?? false;
  }

  /** A crash was counted: more of them arm the service. */
  counted(status: ExitStatus): void {
    // The first one opened the journal, and ended before that.
    this.#newest.main ??= crashEndOf(status);
    const { exits, isAllowed } = this.#parts;
    if (isAllowed && this.#runtime === 'node' && this.means === 'exit-watch') void exits.warmUp();
  }

  /** It runs on, and no event says that the cool-down is over. */
  #considerAfterCooldown(): void {
    const { settings, memory, clock, onOverride } = this.#parts;
    const now = clock();
    const { cooldownUntilMs } = monitorState({ settings, state: memory.policy, disabled: false }, now);
    clearTimeout(this.#timer);
    if (cooldownUntilMs === null) return;
    const leftMs = Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, cooldownUntilMs - now.wallMs));
    this.#timer = setTimeout(onOverride, leftMs).unref();
  }

  /** If the next crash arms it, a debugger waits for the process after that. */
  #prepare(unsettled: number): void {
    const { debuggers, isAllowed } = this.#parts;
    if (isAllowed && this.#wanted(unsettled + 1) === 'debugger') void debuggers.prepare();
  }

  #wantsProbe(unsettled: number): boolean {
    return this.#parts.isAllowed && this.#runtime === 'node' && this.#wanted(unsettled) === 'exit-watch';
  }

  #isProbed(run: WatchedRun): boolean {
    return this.#parts.probe?.isIn(run) ?? false;
  }

  #wanted(unsettled: number): CaptureMeans | null {
    const { settings, memory, clock, isExitWatched } = this.#parts;
    const { main: last, isBelow } = this.#newest;
    const history = { unsettled, last, runtime: this.#runtime, isExitWatched };
    const wanted = wantedCapture({ settings, state: memory.policy, disabled: false }, history, clock());
    // Then the debuggers are for its workers.
    return wanted === 'debugger' && isBelow ? null : wanted;
  }

  #begin(
    means: CaptureMeans,
    run: WatchedRun,
    main: { pid: number; startTicks: number },
    after: Promise<void> | undefined,
  ): RunCapture {
    const { exits, debuggers, onChange } = this.#parts;
    const onState = (state: CaptureState) => this.#changed(run, means, state);
    if (means === 'exit-watch') {
      const { startedAtMs } = run;
      const dumpOf = (held: HeldProcess) => this.#sessions.dumpOf(held);
      return new ExitCapture({ exits, main, after, startedAtMs, dumpOf, onState });
    }
    const onDebugger = (state: DebuggerState) => {
      this.#debugger = state;
      onChange();
    };
    const wantsWhole = () => this.#sessions.wantsWholeOf('main');
    return new SignalCapture({ debuggers, main, after, wantsWhole, onState, onDebugger });
  }

  #changed(run: WatchedRun, means: CaptureMeans, state: CaptureState): void {
    const { memory, emit, onChange } = this.#parts;
    if (state.isWatched) {
      const { noCapture } = memory.policy;
      if (isOutOfReach(noCapture) || (means === 'debugger' && noCapture?.why === 'no-debugger'))
        memory.setNoCapture(null);
      this.#announce(run);
    } else if (state.why !== null) {
      const { why, message } = state;
      // Of what has the probe, exceptions come all the same.
      if (this.#isProbed(run)) return;
      this.#cannot(why);
      if (why !== 'only-watched' && !this.#said.has(why)) {
        this.#said.add(why);
        emit({ event: 'problem', message: `The next crash cannot be captured: ${message}.` });
      }
    }
    onChange();
  }

  #cannot(why: NoCaptureReason): void {
    const { memory } = this.#parts;
    const runtime = this.#runtime;
    const before = memory.policy.noCapture;
    // At first it is not known what runs.
    if (before?.why === why && (before.runtime === runtime || why !== 'only-watched')) return;
    memory.setNoCapture(
      why === 'only-watched' && runtime === null ? ONLY_WATCHED : { why, runtime, code: null },
    );
  }

  /** Not while it is watched only because it may be armed. */
  #announce(run: WatchedRun): void {
    const means = this.watchedBy(run);
    if (means === null || this.#announced.has(run)) return;
    if (this.#wanted(0) === null) return;
    this.#announced.add(run);
    this.#parts.onArmed(run, means);
  }
}
