import type { NoCapture } from '../../../model/no-capture.ts';
import type { MonitorState, PolicySettings } from '../../../model/policy.ts';
import type { Workload } from '../../../model/workload.ts';

/**
 * `folded`: `OTHER_INSTANCE`, those beyond the limit. `stopped`: crashmon reported its end. `external`: another sender
 * reports its crashes. `silent`: no heartbeat for three intervals, or for half an hour if the interval is unknown.
 */
export type InstanceState = MonitorState | 'silent' | 'stopped' | 'external' | 'folded';

export type InstanceSummary = {
  instance: string;
  state: InstanceState;
  /** While watching: why a crash like the last one cannot be captured; null or absent if it can. */
  noCapture?: NoCapture | null | undefined;
  version: string | null;
  crashmonVersion: string | null;
  /** Where it runs. */
  workload?: Workload | undefined;
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

/** Figures of all instances of an app; takes the same time for one and for ten thousand. */
export type Fleet = {
  states: Record<InstanceState, number>;
  /** Names of silent instances, at most three. */
  silent: string[];
  /** Most frequent first, at most four; each with its number of instances and at most three names. */
  thresholds: { settings: PolicySettings; instances: number; names: string[] }[];
  /** The instance that gets a stack soonest; its `crashesLastDay` is 0, not counted. */
  nearest: InstanceSummary | null;
};

export type StateChange = { atMs: number; state: MonitorState | 'stopped'; cooldownUntilMs: number | null };

export type InstanceStore = {
  instances(app: string, nowMs: number): Promise<InstanceSummary[]>;
  /** Crashes per day of these instances, UTC, oldest first, today last; 15 days. */
  instanceDays(app: string, instances: readonly string[], nowMs: number): Promise<Map<string, number[]>>;
  fleet(app: string, nowMs: number): Promise<Fleet>;
  instance(app: string, instance: string, nowMs: number): Promise<InstanceSummary | null>;
  stateChanges(app: string, instance: string, limit: number): Promise<StateChange[]>;
};
