import { ageMsOf } from '../agent/children/find-children.ts';
import { fingerprint } from '../formats/fingerprint.ts';
import type { Instant } from '../model/instant.ts';
import type { Run } from '../model/run.ts';
import type { ServiceStart } from './source.ts';

/** 12 digits, the same whichever way the run is learned of. */
export function runIdOf(key: string): string {
  return fingerprint(key).slice(0, 12);
}

/** @param startedAt of when it was learned of: the wall clock can have been set since */
export function runOfStart(
  { key, pid, startTicks }: ServiceStart,
  { commandHash, armed, startedAt }: Pick<Run, 'commandHash' | 'armed' | 'startedAt'>,
): Run {
  return {
    ...{ id: runIdOf(key), startedAt, armed, commandHash },
    ...{ pid: pid === 0 ? null : pid, pidStartTicks: startTicks },
  };
}

/** When it started. A clock that was set since its source reported it changes nothing, where the process is known. */
export function startInstant(
  { startTicks, startedAtMs }: Pick<ServiceStart, 'startTicks' | 'startedAtMs'>,
  now: Instant,
): Instant {
  return instantOf(startTicks === null ? startedAtMs : now.wallMs - ageMsOf(startTicks), now);
}

/** A time of the wall clock as it is set now; one from before this boot is comparable by that alone. */
export function instantOf(wallMs: number, now: Instant): Instant {
  const monotonicMs = Math.round(now.monotonicMs - (now.wallMs - wallMs));
  const isOfThisBoot = monotonicMs >= 0 && monotonicMs <= now.monotonicMs;
  return {
    wallMs: Math.round(wallMs),
    monotonicMs: isOfThisBoot ? monotonicMs : 0,
    bootId: isOfThisBoot ? now.bootId : '',
  };
}
