/** How often a port is polled after a crash: often while a worker usually starts, then less, and not for ever. */
const STEPS: readonly (readonly [untilMs: number, everyMs: number])[] = [
  [5_000, 50],
  [60_000, 250],
  [600_000, 2_000],
];

/** Milliseconds until the next poll; null: no more. @param sinceMs time since the crash */
export function nextPortPoll(sinceMs: number): number | null {
  return STEPS.find(([untilMs]) => sinceMs < untilMs)?.[1] ?? null;
}
