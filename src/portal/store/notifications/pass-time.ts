import { passEpisodeTime } from '../../../notify/episode-batch.ts';
import type { Database } from '../database/database.ts';
import { HOUR_MS } from '../limits.ts';
import { lockApps } from '../number-apps.ts';
import { namesOfApps } from '../read/app-id.ts';
import { Announcer, type NotificationRules } from './announce.ts';
import { episodeOf, saveEpisodes } from './episode-rows.ts';

const APPS_AT_ONCE = 20;
const EPISODES_AT_ONCE = 500;
/** No episode waits longer; one that seems to was stored before the clock was set back. */
const LONGEST_WAIT_MS = 2 * HOUR_MS;

/** First notifications that waited long enough for a stack, and ends of episodes; one transaction per app. */
export async function passTime(
  database: Database,
  rules: NotificationRules,
  nowMs: number,
): Promise<boolean> {
  const due = await database.reader
    .selectFrom('episodes')
    .select('app_id')
    .distinct()
    .where('wake_at', 'is not', null)
    .where((or) => or.or([or('wake_at', '<=', nowMs), or('wake_at', '>', nowMs + LONGEST_WAIT_MS)]))
    .limit(APPS_AT_ONCE)
    .execute();
  const names = await namesOfApps(
    database.reader,
    due.map(({ app_id }) => app_id),
  );
  let isMore = due.length === APPS_AT_ONCE;
  for (const [appId, name] of names) {
    const count = await passTimeOf(database, { appId, name }, rules, nowMs);
    isMore ||= count === EPISODES_AT_ONCE;
  }
  return isMore;
}

async function passTimeOf(
  database: Database,
  { appId, name }: { appId: number; name: string },
  rules: NotificationRules,
  nowMs: number,
): Promise<number> {
  const { dialect, writer } = database;
  return writer.transaction().execute(async (transaction) => {
    await lockApps(database, transaction, [appId]);
    const rows = await transaction
      .selectFrom('episodes')
      .selectAll()
      .where('app_id', '=', appId)
      .where('wake_at', 'is not', null)
      .where((or) => or.or([or('wake_at', '<=', nowMs), or('wake_at', '>', nowMs + LONGEST_WAIT_MS)]))
      .limit(EPISODES_AT_ONCE)
      .execute();
    const announcer = new Announcer(transaction, new Map([[appId, name]]), rules, nowMs);
    const episodes = rows.map(episodeOf);
    for (const due of episodes.flatMap((stored) => passEpisodeTime(stored, nowMs)))
      await announcer.announce(due);
    await saveEpisodes(dialect, transaction, episodes);
    return rows.length;
  });
}
