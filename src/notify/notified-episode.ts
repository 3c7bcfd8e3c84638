import type { CrashKind } from '../model/exit.ts';
import type { EpisodeNotification } from './episode.ts';
import type { FollowedEpisode } from './episode-batch.ts';
import type { CrashNotification, NotificationBase, NotifiedCrash } from './notification.ts';

/** An episode as it was when its notification was made. Times are from the clocks of the instances. */
export type NotifiedEpisode = {
  id: string;
  signature: string;
  kind: CrashKind;
  crashes: number;
  instances: { count: number; names: string[] };
  version: string | null;
  /** The newest crash, and the newest that has a stack. */
  crashUid: string;
  reportUid: string | null;
  firstAtMs: number;
  lastAtMs: number;
  closedAtMs: number | null;
  returned: { afterMs: number; version: string | null } | null;
};

/** A notification of an episode, as it is stored: the crashes that it names are described when it is sent. */
export type StoredCrashNotification = Pick<EpisodeNotification, 'spread'> & {
  episode: NotifiedEpisode;
  /** Absent in what an older version stored. */
  stackIsNew?: boolean;
};

/** What its store knows of the crash that describes an episode. */
export type DescribedCrash = NotifiedCrash &
  Pick<
    CrashNotification,
    'title' | 'settings' | 'crashesInWindow' | 'state' | 'noCapture' | 'backAfterMs' | 'process' | 'impact'
  >;

const NAMES_SHOWN = 10;

export function notifiedEpisode(followed: FollowedEpisode): NotifiedEpisode {
  const { episode, kind, version, crashUid, reportUid, firstAtMs, lastAtMs } = followed;
  return {
    id: episode.id,
    signature: episode.signature,
    kind,
    crashes: episode.crashes,
    instances: { count: episode.instances.length, names: episode.instances.slice(0, NAMES_SHOWN) },
    version,
    crashUid,
    reportUid,
    firstAtMs,
    lastAtMs,
    closedAtMs: episode.closedAtMs,
    returned: episode.returned,
  };
}

/** @param crash null if it was deleted since: then only what is stored with the notification is left */
export function crashNotification(
  base: NotificationBase,
  kind: CrashNotification['kind'],
  { episode, spread, stackIsNew = false }: StoredCrashNotification,
  crash: DescribedCrash | null,
): CrashNotification {
  const { crashes, instances, version, firstAtMs, lastAtMs, closedAtMs, returned } = episode;
  return {
    ...base,
    ...{ settings: null, crashesInWindow: 0, state: null, backAfterMs: null },
    ...(crash ?? unknownCrash(episode.kind)),
    kind,
    episodeId: episode.id,
    ...{ crashes, instances, version, closedAtMs, returned, spread, stackIsNew },
    openedAtMs: firstAtMs,
    lastCrashAtMs: lastAtMs,
  };
}

/** One that was deleted. */
export function unknownCrash(crashKind: CrashKind): NotifiedCrash & { title: string } {
  const unknown = { exceptionType: null, code: null, signal: null, exitStatus: null, report: null };
  return { crashKind, ...unknown, title: '' };
}
