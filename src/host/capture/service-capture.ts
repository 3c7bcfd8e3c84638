import type { Emit } from '../../agent/agent-event.ts';
import type { Clock } from '../../agent/clock.ts';
import type { Memory } from '../../agent/memory.ts';
import { hasRecord, keepRecord } from '../../agent/raw-run.ts';
import { watchRequests } from '../../agent/request-box.ts';
import { ensureRaw, rawDirectory } from '../../journal/raw-capture.ts';
import type { NoCaptureReason } from '../../model/no-capture.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { Runtime } from '../../model/runtime.ts';
import { isOutOfReach, wantsExitWatch } from '../../policy/monitor-state.ts';
import type { ServiceStart } from '../source.ts';
import { type CaptureState, ExitCapture } from './exit-capture.ts';
import type { HostExits } from './host-exits.ts';
import { ONLY_WATCHED } from './only-watched.ts';

/** A run of a service whose exit may be watched. */
export type WatchedRun = Pick<ServiceStart, 'key' | 'pid' | 'startTicks' | 'startedAtMs'>;

type ServiceCaptureParts = {
  exits: HostExits;
  clock: Clock;
  emit: Emit;
  settings: PolicySettings;
  /** false: nothing is attached to the service. */
  isAllowed: boolean;
  memory: Memory;
  /** Where captures are kept. */
  directory: string;
  /** `crashmon arm` or `disarm` was used. */
  onOverride: () => void;
  /** The run is watched, because the service is armed; once for a run. */
  onArmed: (run: WatchedRun) => void;
  /** The run is watched now, or is not any more. */
  onChange: () => void;
};

/** Captures what ends the runs of a service, while it is armed. */
export class ServiceCapture {
  readonly #parts: ServiceCaptureParts;
  readonly #captures = new Map<WatchedRun, ExitCapture>();
  readonly #announced = new WeakSet<WatchedRun>();
  readonly #requests: Disposable;
  readonly #said = new Set<string>();

  constructor(parts: ServiceCaptureParts) {
    this.#parts = parts;
    const { directory, memory, onOverride } = parts;
    this.#requests = watchRequests(directory, () => {
      memory.refreshManual();
      onOverride();
    });
  }

  isWatched(run: WatchedRun): boolean {
    return this.#captures.get(run)?.isWatched ?? false;
  }

  /** Watches the exit of this run, which lives, or leaves it. @param unsettled see `wantsExitWatch` */
  consider(run: WatchedRun, unsettled: number): void {
    const { pid, startTicks, startedAtMs } = run;
    const { exits, isAllowed } = this.#parts;
    if (!this.#wants(unsettled)) this.leave(run);
    else if (!isAllowed) this.#cannot('switched-off');
    else if (startTicks !== null && !this.#captures.has(run)) {
      const main = { pid, startTicks };
      const onState = (state: CaptureState) => this.#changed(run, state);
      this.#captures.set(run, new ExitCapture({ exits, main, startedAtMs, onState }));
    }
    this.#announce(run);
  }

  /** It runs on. */
  leave(run: WatchedRun): void {
    const capture = this.#captures.get(run);
    if (capture === undefined) return;
    this.#captures.delete(run);
    const { isWatched } = capture;
    void capture.leave();
    if (isWatched) this.#parts.onChange();
  }

  end(): void {
    this.#requests[Symbol.dispose]();
    for (const run of [...this.#captures.keys()]) this.leave(run);
  }

  /** What the service runs is known. */
  learned(runtime: Runtime | null): void {
    const { memory } = this.#parts;
    const { noCapture } = memory.policy;
    // The other reasons hold until it is watched.
    if (runtime === 'node' && noCapture?.why === 'only-watched' && isOutOfReach(noCapture))
      memory.setNoCapture(null);
  }

  /**
   * A run has ended, and those before it are settled: keeps what was read of its end.
   * @returns was its end read? Then its raw directory is there
   */
  async keep(run: WatchedRun, runId: string): Promise<boolean> {
    const { directory, emit } = this.#parts;
    const capture = this.#captures.get(run);
    this.#captures.delete(run);
    const reading = (await capture?.ended()) ?? null;
    // An agent that was killed meanwhile has kept it.
    if (hasRecord(rawDirectory(directory, runId))) return true;
    if (!this.#wants(0)) return false;
    if (reading?.isRead !== true) {
      const message =
        'The end of the process could not be read in time; it is tried again at the next crash.';
      if (capture?.isWatched) emit({ event: 'problem', message });
      return false;
    }
    try {
      const raw = ensureRaw(directory, runId);
      if (reading.record !== null) keepRecord(raw, reading.record);
    } catch (error) {
      emit({ event: 'problem', message: `A capture could not be kept: ${(error as Error).message}.` });
    }
    return true;
  }

  /** An exit of Node was counted: more of them arm the service. */
  counted(): void {
    const { exits, isAllowed } = this.#parts;
    if (isAllowed) void exits.warmUp();
  }

  #wants(unsettled: number): boolean {
    const { settings, memory, clock } = this.#parts;
    return wantsExitWatch({ settings, state: memory.policy, disabled: false }, unsettled, clock());
  }

  #changed(run: WatchedRun, state: CaptureState): void {
    const { memory, emit, onChange } = this.#parts;
    if (state.isWatched) {
      if (isOutOfReach(memory.policy.noCapture)) memory.setNoCapture(null);
      this.#announce(run);
    } else {
      const { why, message } = state;
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
    if (memory.policy.noCapture?.why === why) return;
    memory.setNoCapture(why === 'only-watched' ? ONLY_WATCHED : { why, runtime: 'node', code: null });
  }

  /** Not while it is watched only because it may be armed. */
  #announce(run: WatchedRun): void {
    if (this.#announced.has(run) || !this.isWatched(run) || !this.#wants(0)) return;
    this.#announced.add(run);
    this.#parts.onArmed(run);
  }
}
