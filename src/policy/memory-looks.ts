import type { MemoryUse } from '../model/memory.ts';

export type MemorySample = { atMs: number; residentBytes: number; uses: readonly MemoryUse[] };

/** When what the memory is used for was read last. */
export type MemoryLook = { atMs: number; tookMs: number; share: number };

/** What is known of a worker's memory, in the order of time. */
export type MemoryHistory = {
  /** Before `now`; null at first. */
  before: MemorySample | null;
  now: MemorySample;
  /** From `before` to `now`, as it was decided; 0 at first. */
  waitedMs: number;
  look: MemoryLook | null;
};

/** `look`: read now what the memory is used for. `forget`: what was read is no longer about an end. */
export type MemoryDecision = { look: boolean; forget: boolean; waitMs: number };

/** Of a limit: from here on an out-of-memory is near. */
const NEAR = 0.9;
const FAR = 0.75;
const SHORTEST_MS = 50;
/** Each poll takes half a millisecond: most of it is to wake up. */
const LONGEST_MS = { far: 2_000, near: 1_000 };
/** Of the limit: what was read before is still right. */
const NEWS = 0.02;
const OLD_MS = 60_000;
/** Reading takes at most a tenth of a processor. */
const MAX_DUTY = 10;

/**
 * Polls rarely far from a limit, and often near it or where memory grows fast. Looks at 90 % of a limit, and before that
 * where the next poll could come too late.
 */
export function decideLook({ before, now, waitedMs, look }: MemoryHistory): MemoryDecision {
  const share = usedShare(now);
  const rate = before === null ? 0 : (share - usedShare(before)) / Math.max(1, now.atMs - before.atMs);
  const goal = share < NEAR ? NEAR : 1;
  const untilGoalMs = rate > 0 ? Math.max(0, goal - share) / rate : Number.POSITIVE_INFINITY;
  // From short waits to long ones, as a worker that starts can grow fast.
  const longest = Math.min(
    share < FAR ? LONGEST_MS.far : LONGEST_MS.near,
    Math.max(SHORTEST_MS, 2 * waitedMs),
  );
  const waitMs = Math.round(Math.min(longest, Math.max(SHORTEST_MS, untilGoalMs / 3)));
  const isNear = share >= NEAR || share + Math.max(0, rate) * waitMs >= NEAR;
  return {
    look: isNear && isNews(look, share, now.atMs),
    forget: look !== null && !isNear && share < Math.min(FAR, look.share),
    waitMs,
  };
}

/** Of the limit that is nearest; 0 without one. */
export function usedShare({ uses }: Pick<MemorySample, 'uses'>): number {
  return uses.reduce((most, { usedBytes, limitBytes }) => Math.max(most, usedBytes / limitBytes), 0);
}

function isNews(look: MemoryLook | null, share: number, nowMs: number): boolean {
  if (look === null) return true;
  const sinceMs = nowMs - look.atMs;
  if (sinceMs < MAX_DUTY * look.tookMs) return false;
  return share >= look.share + NEWS || sinceMs >= OLD_MS;
}
