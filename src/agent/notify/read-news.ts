import { type EpisodeNotification, type EpisodeSettings, nextWakeMs } from '../../notify/episode.ts';
import { EpisodeBatch, type FollowedCrash, type FollowedEpisode } from '../../notify/episode-batch.ts';
import { UNSEEN } from './followed-news.ts';

/** An open episode of this instance, with the groups of crashes that lead to it. */
export type LocalEpisode = FollowedEpisode & { groups: string[] };

export type LocalNotification = { local: LocalEpisode; notification: EpisodeNotification };

export type Reading = {
  /** Those that are open. */
  episodes: LocalEpisode[];
  /** Notifications to make, each with the episode as it was then. */
  notifications: LocalNotification[];
  /** When time alone makes a notification due; null: never. */
  wakeMs: number | null;
};

type ReadOptions = { app: string; nowMs: number; settings: EpisodeSettings; newId: () => string };

/** Of the groups that lead to one episode, the newest. */
const MAX_GROUPS = 50;

/** The episode policy for one app on one instance: each crash counts at its own time, which may be long ago. Pure. */
export function readNews(
  before: readonly LocalEpisode[],
  news: readonly FollowedCrash[],
  { app, nowMs, settings, newId }: ReadOptions,
): Reading {
  const open = before.flatMap((local) => local.groups.map((group) => [group, local] as const));
  const create = (followed: FollowedEpisode): LocalEpisode => ({ ...followed, groups: [] });
  const batch = new EpisodeBatch(open, { app, newId, create, lateMs: Number.POSITIVE_INFINITY, settings });
  const notifications: LocalNotification[] = [];
  const apply = () => {
    for (const { followed, notification } of batch.apply()) {
      // A copy: the episode goes on. Nothing is late here.
      if (notification !== 'late') notifications.push({ local: { ...followed }, notification });
    }
  };
  const passTime = (atMs: number) => {
    batch.passTime(atMs);
    apply();
  };
  // A stack arrives later than its crash, and time does not go back for it.
  let atMs = Math.max(0, ...before.map(({ episode }) => episode.lastCrashAtMs));
  for (const crash of news) {
    // A clock that was set back since must not open an episode in the future.
    atMs = Math.min(nowMs, Math.max(atMs, crash.atMs));
    passTime(atMs);
    const newest = crash.group === UNSEEN ? newestGroup(batch.open()) : null;
    batch.add({ ...crash, group: newest ?? crash.group });
    apply();
  }
  passTime(nowMs);
  const episodes = withGroups(batch.open());
  const wakes = episodes.flatMap(({ episode }) => nextWakeMs(episode, settings) ?? []);
  return { episodes, notifications, wakeMs: wakes.length === 0 ? null : Math.min(...wakes) };
}

function newestGroup(open: ReadonlyMap<string, LocalEpisode>): string | null {
  const [first] = [...open].sort(([, a], [, b]) => b.lastAtMs - a.lastAtMs);
  return first?.[0] ?? null;
}

function withGroups(open: ReadonlyMap<string, LocalEpisode>): LocalEpisode[] {
  const byEpisode = Map.groupBy(open.keys(), (group) => open.get(group));
  return [...byEpisode].flatMap(([local, groups]) =>
    local === undefined ? [] : [{ ...local, groups: groups.slice(-MAX_GROUPS) }],
  );
}
