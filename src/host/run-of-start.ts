import { fingerprint } from '../formats/fingerprint.ts';
import type { Instant } from '../model/instant.ts';
import type { Run } from '../model/run.ts';
import type { ServiceStart } from './source.ts';

/** 12 digits, the same whichever way the run is learned of. */
export function runIdOf(key: string): string {
  return fingerprint(key).slice(0, 12);
}

/** @param now any moment of this boot */
export function runOfStart(
  { key, pid, startTicks, startedAtMs }: ServiceStart,
  { commandHash, armed, now }: { commandHash: string; armed: boolean; now: Instant },
): Run {
  return {
    ...{ id: runIdOf(key), startedAt: instantOf(startedAtMs, now), armed, commandHash },
    ...{ pid: pid === 0 ? null : pid, pidStartTicks: startTicks },
  };
}

/** A time of the wall clock; one from before this boot is comparable by that alone. */
export function instantOf(wallMs: number, now: Instant): Instant {
  const monotonicMs = Math.round(now.monotonicMs - (now.wallMs - wallMs));
  const isOfThisBoot = monotonicMs >= 0 && monotonicMs <= now.monotonicMs;
  return {
    wallMs: Math.round(wallMs),
    monotonicMs: isOfThisBoot ? monotonicMs : 0,
    bootId: isOfThisBoot ? now.bootId : '',
  };
}
