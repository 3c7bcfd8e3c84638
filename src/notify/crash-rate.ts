const WINDOW_MS = 600_000;

/** Crashes in consecutive windows of fixed length: the current one and the previous one. */
export type CrashRate = { windowMs: number; windowStartMs: number; current: number; previous: number };

export function rateOf(nowMs: number): CrashRate {
  return { windowMs: WINDOW_MS, windowStartMs: nowMs, current: 0, previous: 0 };
}

/** The rate after `crashes` more. After a jump of the clock, a new window begins. */
export function crashRate(rate: CrashRate, crashes: number, nowMs: number): CrashRate {
  const windows = Math.floor((nowMs - rate.windowStartMs) / rate.windowMs);
  if (windows === 0) return { ...rate, current: rate.current + crashes };
  const next = windows === 1;
  return {
    ...rate,
    windowStartMs: next ? rate.windowStartMs + rate.windowMs : nowMs,
    current: crashes,
    previous: next ? rate.current : 0,
  };
}
