import type { Instant } from './instant.ts';
import type { NoCapture } from './no-capture.ts';

export type PolicySettings = {
  /** More than this many crashes in the window arm the next worker; 0 is always armed. */
  armAfter: number;
  windowMs: number;
  cooldownMs: number;
};

/** `armed`/`disarmed` by hand; `armed` lasts until the next capture, `disarmed` until it is taken back. */
export type ManualOverride = 'armed' | 'disarmed' | null;

/** What the policy remembers for one app on one instance. */
export type PolicyState = {
  /** Crashes that counted, oldest first; those that left the window may be missing. */
  crashes: Instant[];
  /** When the last capture was made; the cool-down runs from here. */
  lastCapture: Instant | null;
  manual: ManualOverride;
  /** Why a crash like the last one cannot be captured; null where it can. */
  noCapture: NoCapture | null;
};

export const MONITOR_STATES = ['watching', 'armed', 'cooling-down', 'disabled'] as const;
export type MonitorState = (typeof MONITOR_STATES)[number];
