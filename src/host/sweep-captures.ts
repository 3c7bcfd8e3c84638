import { statSync } from 'node:fs';
import type { Clock } from '../agent/clock.ts';
import { sweepRaw } from '../agent/sweep-raw.ts';
import { rawDirectory } from '../journal/raw-capture.ts';
import type { AppParts } from './app-parts.ts';

/** An exit that is brought later has no capture; a full disk, too, can keep one from being recorded. */
const KEPT_MS = 3_600_000;
/** By then a source has brought what happened while no agent was there. */
const BROUGHT_MS = 120_000;

type Captured = Pick<AppParts, 'directory' | 'memory' | 'analyses' | 'emit'>;

/**
 * Deletes raw captures of agents that were killed before they recorded the exit: the old ones now, and in two minutes those
 * whose exit the source has not brought again.
 * @param isFollowed the exit of this run may come at any time
 * @returns what is still to be done; end it with the app
 */
export function sweepCaptures(
  parts: Captured,
  clock: Clock,
  isFollowed: (runId: string) => boolean,
): Disposable {
  const openedMs = clock().wallMs;
  const modifiedMs = (runId: string) => {
    try {
      return statSync(rawDirectory(parts.directory, runId)).mtimeMs;
    } catch {
      return 0;
    }
  };
  sweepRaw(parts, (runId) => openedMs - modifiedMs(runId) < KEPT_MS);
  const isKept = (runId: string) => isFollowed(runId) || modifiedMs(runId) >= openedMs;
  const timer = setTimeout(() => sweepRaw(parts, isKept), BROUGHT_MS).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
