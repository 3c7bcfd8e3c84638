import type { RestartPolicy } from './container.ts';

/** What an engine said of a container while it ran. */
export type Heard = {
  /** Numbers of signals that its users sent; null: the engine does not say which. */
  signals: readonly (number | null)[];
  isRestarted: boolean;
};

/** SIGINT, SIGQUIT, SIGKILL, SIGTERM. Others, such as SIGHUP, ask for something else. */
const ENDING_SIGNALS = [2, 3, 9, 15];

/** Did a user ask the engine to end it? Docker says `kill` only then; a stop of Podman is not reported at all. */
export function wasAsked({ signals, isRestarted }: Heard, exitCode: number | null): boolean {
  const byUnnamed = exitCode !== null && ENDING_SIGNALS.includes(exitCode - 128) && signals.includes(null);
  return isRestarted || byUnnamed || signals.some((signal) => ENDING_SIGNALS.includes(signal ?? 0));
}

/** Does the engine start it again, unless a user stopped it? */
export function isStartedAgain(
  { name, limit }: RestartPolicy,
  exitCode: number | null,
  restarts: number,
): boolean {
  if (name === 'always' || name === 'unless-stopped') return true;
  return name === 'on-failure' && exitCode !== 0 && (limit === 0 || restarts < limit);
}
