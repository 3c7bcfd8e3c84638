import type { NoCapture } from '../../../model/no-capture.ts';
import type { MonitorState, PolicySettings } from '../../../model/policy.ts';

/**
 * `folded`: `OTHER_INSTANCE`, those beyond the limit. `stopped`: crashmon said that it ends. `external`: crashes come of it, and no crashmon runs there. `silent`: no
 * heartbeat for three times its interval, or half an hour where it never said one.
 */
export type InstanceState = MonitorState | 'silent' | 'stopped' | 'external' | 'folded';

export type InstanceSummary = {
  instance: string;
  state: InstanceState;
  /** While it is watched: why a crash like the last one cannot be captured; null or absent where it can. */
  noCapture?: NoCapture | null | undefined;
  version: string | null;
  crashmonVersion: string | null;
  crashesLastDay: number;
  crashesTotal: number;
  crashesInWindow: number;
  settings: PolicySettings | null;
  cooldownUntilMs: number | null;
  workerStartedAtMs: number | null;
  firstSeenMs: number;
  lastSeenMs: number;
  lastCrashAtMs: number | null;
  lostRecords: number;
};

/** All instances of an app in numbers: as quick with ten thousand as with one. */
export type Fleet = {
  states: Record<InstanceState, number>;
  /** Names of silent ones, at most three. */
  silent: string[];
  /** Most frequent first, at most four; with how many instances have them and at most three of their names. */
  thresholds: { settings: PolicySettings; instances: number; names: string[] }[];
  /** The one that gets a stack soonest; its `crashesLastDay` is not counted (0). */
  nearest: InstanceSummary | null;
};

export type StateChange = { atMs: number; state: MonitorState | 'stopped'; cooldownUntilMs: number | null };

export type InstanceStore = {
  instances(app: string, nowMs: number): Promise<InstanceSummary[]>;
  /** Crashes a day of each of some instances, UTC, oldest first, today last; 15 of them. */
  instanceDays(app: string, instances: readonly string[], nowMs: number): Promise<Map<string, number[]>>;
  fleet(app: string, nowMs: number): Promise<Fleet>;
  instance(app: string, instance: string, nowMs: number): Promise<InstanceSummary | null>;
  stateChanges(app: string, instance: string, limit: number): Promise<StateChange[]>;
};
