/** At most `most` restarts within any `withinMs` (as StartLimitBurst and StartLimitIntervalSec of systemd.unit(5)). */
export type RestartLimit = { most: number; withinMs: number };

/**
 * The restarts that count against the limit, including this one; null if it would exceed the limit.
 * @param restartedAtMs those before it, on the monotonic clock of `nowMs`
 */
export function withRestart(
  restartedAtMs: readonly number[],
  { most, withinMs }: RestartLimit,
  nowMs: number,
): number[] | null {
  const recent = restartedAtMs.filter((at) => nowMs - at < withinMs);
  return recent.length >= most ? null : [...recent, nowMs];
}
