import type { Instant } from '../model/instant.ts';

/**
 * Times of one boot, oldest first. The first value of each list is the time of the first crash in ms; of `monotonic`, the others
 * are steps from the crash before; of `ahead`, the wall clock minus the monotonic one, they are its changes.
 */
type BootTimes = { bootId: string; monotonic: number[]; ahead: number[] };

/** Times of crashes as the journal stores them: a crash takes 7 bytes, not 90, and all are rewritten at every exit. */
export type CrashTimes = BootTimes[];

export function toCrashTimes(crashes: readonly Instant[]): CrashTimes {
  const times: CrashTimes = [];
  let last: { monotonicMs: number; aheadMs: number } = { monotonicMs: 0, aheadMs: 0 };
  for (const { bootId, monotonicMs, wallMs } of crashes) {
    let boot = times.at(-1);
    if (boot?.bootId !== bootId) {
      last = { monotonicMs: 0, aheadMs: 0 };
      boot = { bootId, monotonic: [], ahead: [] };
      times.push(boot);
    }
    const aheadMs = wallMs - monotonicMs;
    boot.monotonic.push(monotonicMs - last.monotonicMs);
    boot.ahead.push(aheadMs - last.aheadMs);
    last = { monotonicMs, aheadMs };
  }
  return times;
}

export function fromCrashTimes(times: CrashTimes): Instant[] {
  return times.flatMap(({ bootId, monotonic, ahead }) => {
    let monotonicMs = 0;
    let aheadMs = 0;
    return monotonic.map((step, index) => {
      monotonicMs += step;
      aheadMs += ahead[index] ?? 0;
      return { wallMs: monotonicMs + aheadMs, monotonicMs, bootId };
    });
  });
}
