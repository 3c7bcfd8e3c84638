import type { NewsRow } from '../../journal/notification-rows.ts';
import type { CrashKind, ExitStatus } from '../../model/exit.ts';
import type { FollowedCrash } from '../../notify/episode-batch.ts';
import { captureUid } from '../../privacy/publish-crash.ts';

export type News = Pick<NewsRow, 'uid' | 'version' | 'exit' | 'report'>;

/** The group of an exit that was not seen. */
export const UNSEEN = 'unknown';

/** A crash, or the stack of one, for the episode policy; null if it is no longer stored. Its uid is the run's id. */
export function followedNews({ uid, version, exit, report }: News, instance: string): FollowedCrash | null {
  const kind = exit?.verdict.kind ?? null;
  if (exit === null || kind === null || !exit.verdict.counted) return null;
  const isNew = uid !== captureUid(exit);
  if (!isNew && report === null) return null;
  return {
    uid: exit.id,
    group: coarseKey(kind, exit.status),
    // The last one is what a captured crash and one with last words have in common.
    stackGroup: isNew ? null : (report?.signatures.at(-1) ?? ''),
    kind,
    instance,
    version,
    atMs: exit.diedAt.wallMs,
    isNew,
    resolvedAtMs: null,
  };
}

/**
 * What is known of a crash without a capture, so coarse that a worker with the probe and one without have the same key:
 * without it, a rejection, an exception and the app's own exit cannot be distinguished.
 */
function coarseKey(kind: CrashKind, status: ExitStatus): string {
  if (kind === 'out-of-memory' || kind === 'oom-kill') return kind;
  if (status.type === 'unknown') return UNSEEN;
  return status.type === 'code' ? `code ${status.code}` : status.signal;
}
