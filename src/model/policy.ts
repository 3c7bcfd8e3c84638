import type { Instant } from './instant.ts';
import type { NoCapture } from './no-capture.ts';
import type { SessionRecord } from './session.ts';

export type PolicySettings = {
  /** More than this many crashes in the window arm the next worker; 0 is always armed. */
  armAfter: number;
  windowMs: number;
  cooldownMs: number;
};

/** Set manually; `armed` lasts until the next capture, `disarmed` until it is reset. */
export type ManualOverride = 'armed' | 'disarmed' | null;

/** State of the policy for one app on one instance. */
export type PolicyState = {
  /** Counted crashes, oldest first; those outside the window can be missing. */
  crashes: Instant[];
  /** Time of the last capture; the cool-down starts here. */
  lastCapture: Instant | null;
  manual: ManualOverride;
  /** Why a crash like the last one cannot be captured; null if it can. */
  noCapture: NoCapture | null;
  /** The newest session in which dumps are kept; absent or null if there was none. */
  session?: SessionRecord | null;
};

export const MONITOR_STATES = ['watching', 'armed', 'cooling-down', 'disabled'] as const;
export type MonitorState = (typeof MONITOR_STATES)[number];

/** Whether the next crash on an instance is captured, and why not. */
export type MonitorStatus = {
  readonly state: MonitorState;
  /** null if unknown. */
  readonly settings: PolicySettings | null;
  readonly crashesInWindow: number;
  /** null if no cool-down is running, or its end is unknown. */
  readonly cooldownUntilMs: number | null;
  /** Why a crash like the last one cannot be captured; null or missing if it can, or if unknown. */
  readonly noCapture?: NoCapture | null | undefined;
};
