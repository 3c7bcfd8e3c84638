import type { Emit } from '../../agent/agent-event.ts';
import type { DumpOfHeld } from '../../agent/children/child-exit.ts';
import { Children, type WatchedChildren } from '../../agent/children/children.ts';
import type { ChildWords } from '../../agent/children/children-parts.ts';
import type { Clock } from '../../agent/clock.ts';
import type { DebuggerPool } from '../../agent/native/debugger-pool.ts';
import type { SettleParts } from '../../agent/settle-exit.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { EndedRun } from '../../model/run.ts';
import type { CrashEnd } from '../../policy/service-capture.ts';
import type { HostExits } from '../capture/host-exits.ts';
import type { NewProcesses } from '../processes/new-processes.ts';
import { runOfStart, startInstant } from '../run-of-start.ts';
import type { ServiceStart } from '../source.ts';

type ServiceWorkersParts = {
  exits: HostExits;
  started: NewProcesses;
  clock: Clock;
  emit: Emit;
  settings: PolicySettings;
  /** Names of programs below the main process that are watched, too. */
  names: readonly string[];
  commandHash: string;
  /** Opens the journal of the app; null if it is not followed any more. */
  open: () => Promise<SettleParts | null>;
  /** null: no debugger is wanted. */
  debuggers: DebuggerPool | null;
  wantsCapture: () => boolean;
  newestEnd: () => CrashEnd | null;
  sessionMeans: (newest: CrashEnd | null) => CaptureMeans | null;
  dumpOf: DumpOfHeld;
  wantsWhole: () => boolean;
  /** @param recorded a process has ended */
  onChange: (recorded?: EndedRun) => void;
};

/** PM2 itself reports on what it runs. */
const IGNORED = ['PM2'];
/** A host has many services. */
const LOOK_EVERY_MS = 10_000;

/** The workers below the main process of a service, if that is a master whose workers are known. */
export class ServiceWorkers {
  readonly #parts: ServiceWorkersParts;
  /** By the key of the run: the one before can be settled while the next runs. */
  readonly #runs = new Map<string, Children>();
  readonly #said = new Set<string>();
  #settling: Promise<unknown> = Promise.resolve();

  constructor(parts: ServiceWorkersParts) {
    this.#parts = parts;
  }

  /** Those of the run that lives; null if there are none. */
  get watched(): WatchedChildren | null {
    return [...this.#runs.values()].at(-1)?.watched ?? null;
  }

  /** A run was started. @param oomKills in its cgroup */
  began(start: ServiceStart, oomKills: () => number | null): void {
    const { pid, startTicks, key, isStopping = () => false } = start;
    if (startTicks === null) return;
    const children = new Children(
      {
        ...this.#parts,
        ...{ ignored: IGNORED, lookEveryMs: LOOK_EVERY_MS, isStopping },
        // The supervisor can report a stop after it has reached the workers.
        settling: async () => (isStopping() ? null : await this.#parts.open()),
        emit: (event) => this.#emit(event),
        words: wordsOf(start),
      },
      this.#parts.onChange,
    );
    this.#runs.set(key, children);
    const { commandHash, clock } = this.#parts;
    const startedAt = startInstant(start, clock());
    children.begin(
      runOfStart(start, { commandHash, armed: false, startedAt }),
      { pid, startTicks },
      oomKills,
    );
  }

  /** The main process has ended: what its workers do now is none of the app's. */
  ended(key: string): void {
    this.#runs.get(key)?.leave();
  }

  /** That end is recorded. @param explains it is why workers ended that wait */
  settled(key: string, explains: boolean): void {
    const children = this.#runs.get(key);
    this.#runs.delete(key);
    this.#settling = Promise.all([this.#settling, children?.end(explains)]);
  }

  /** The app was armed or disarmed. */
  reconsider(): void {
    for (const children of this.#runs.values()) children.arm();
  }

  async end(): Promise<void> {
    for (const key of [...this.#runs.keys()]) this.settled(key, false);
    await this.#settling;
  }

  /** Once for the service, not for each of its runs. */
  #emit(event: Parameters<Emit>[0]): void {
    if (event.event === 'problem') {
      if (this.#said.has(event.message)) return;
      this.#said.add(event.message);
    }
    this.#parts.emit(event);
  }
}

function wordsOf({ wordsOf: read }: ServiceStart): ChildWords {
  return {
    beginRun() {},
    async of({ process, startedAtMs }, { atMs }) {
      const tail = (await read?.({ pid: process.pid, startedAtMs }, atMs).catch(() => null)) ?? null;
      if (tail === null) return null;
      const { bytes, offset, writtenAtMs, isShared } = tail;
      return { bytes, offset, silenceMs: Math.max(0, atMs - writtenAtMs), isShared };
    },
  };
}
