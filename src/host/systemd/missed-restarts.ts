export type RestartCounts = {
  /** NRestarts up to here is explained by exits that were reported. */
  accounted: number;
  /** NRestarts now. It begins again at 0 when the service is stopped or started manually. */
  now: number;
  /** What NRestarts became at restarts that the journal has. */
  logged: readonly number[];
  /** The newest run that was reported had ended, and its restart was still to come. */
  wasWaiting: boolean;
  /** An exit that is reported now was refused its restart: systemd counts that restart all the same. */
  isRefused: boolean;
};

/** At least so many runs ended without a trace other than systemd's count of restarts. Pure. */
export function missedRestarts({ accounted, now, logged, wasWaiting, isRefused }: RestartCounts): number {
  const from = now < accounted ? 0 : accounted;
  const known = new Set(logged.filter((count) => count > from && count <= now)).size;
  const awaited = Number(wasWaiting && now >= accounted) + Number(isRefused);
  return Math.max(0, now - from - known - awaited);
}
