import type { Database, WriteTransaction } from '../database/database.ts';
import { DAY_MS } from '../limits.ts';
import { lockApps } from '../number-apps.ts';
import { namesOfApps } from '../read/app-id.ts';
import { Announcer, type NotificationRules } from './announce.ts';
import { type DigestedEpisode, type HeldEpisodes, takeHeld } from './held-episodes.ts';
import type { NotificationBody } from './notification-store.ts';

const APPS_AT_ONCE = 20;
const NOTIFICATIONS_AT_ONCE = 2_000;
/** A day of 25 hours, and some more: what waits longer was stored before the clock was set back. */
const LONGEST_WAIT_MS = 26 * 3_600_000;

/** The largest are listed; the total is given as well. */
const MOST_ITEMS = 50;

/** Sends single notifications as one; one transaction per app. */
export async function makeDigests(
  database: Database,
  rules: NotificationRules,
  nowMs: number,
): Promise<boolean> {
  const due = await database.reader
    .selectFrom('notices')
    .select('app_id')
    .distinct()
    .where('how', '=', 'digest')
    .where((or) => or.or([or('due', '<=', nowMs), or('due', '>', nowMs + LONGEST_WAIT_MS)]))
    .limit(APPS_AT_ONCE)
    .execute();
  const names = await namesOfApps(
    database.reader,
    due.map(({ app_id }) => app_id),
  );
  for (const [appId, name] of names) {
    await database.writer.transaction().execute(async (transaction) => {
      await lockApps(database, transaction, [appId]);
      await makeDigest(transaction, { appId, name }, rules, nowMs);
    });
  }
  return due.length === APPS_AT_ONCE;
}

async function makeDigest(
  transaction: WriteTransaction,
  { appId, name }: { appId: number; name: string },
  rules: NotificationRules,
  nowMs: number,
): Promise<void> {
  const rows = await transaction
    .selectFrom('notices')
    .select(['id', 'kind', 'episode_id', 'body'])
    .where('app_id', '=', appId)
    .where('how', '=', 'digest')
    .where((or) => or.or([or('due', '<=', nowMs), or('due', '>', nowMs + LONGEST_WAIT_MS)]))
    .orderBy('at')
    .orderBy('id')
    .limit(NOTIFICATIONS_AT_ONCE)
    .execute();
  if (rows.length === 0) return;
  const items = new Map<string, DigestedEpisode>();
  for (const { kind, body } of rows) {
    const stored = JSON.parse(body) as NotificationBody;
    if (stored.type !== 'episode') continue;
    const before = items.get(stored.episode.id);
    // The newest has the counts; only the first says that the group returned.
    items.set(stored.episode.id, {
      kind: before?.kind === 'returned' ? 'returned' : kind,
      episode: stored.episode,
    });
  }
  const held = await takeHeld(transaction, appId);
  for (const one of held.most) if (!items.has(one.episode.id)) items.set(one.episode.id, one);
  const announcer = new Announcer(transaction, new Map([[appId, name]]), rules, nowMs);
  const settings = await announcer.settingsOf(appId);
  const all = [...items.values()];
  const firstMs = all.reduce(
    (least, { episode }) => Math.min(least, episode.firstAtMs),
    held.firstMs ?? nowMs,
  );
  const lastMs = all.reduce((most, { episode }) => Math.max(most, episode.lastAtMs), held.lastMs ?? 0);
  const isDaily = settings.preferences.digest !== null;
  const body: NotificationBody = {
    type: 'digest',
    fromMs: isDaily ? Math.min(firstMs, nowMs - DAY_MS) : firstMs,
    untilMs: isDaily ? nowMs : lastMs,
    items: all.toSorted((a, b) => b.episode.crashes - a.episode.crashes).slice(0, MOST_ITEMS),
    all: withoutListed(all, held),
    perHour: held.causes === 0 ? null : rules.perHour,
  };
  const digest = { appId, kind: 'digest' as const, episodeId: null, signature: null, body };
  const recipients = announcer.recipientsOf(settings);
  if (all.length > 0 && recipients.length > 0) {
    await announcer.insert(digest, { how: 'send', atMs: nowMs }, recipients);
  }
  await transaction
    .updateTable('notices')
    .set({ how: 'digested' })
    .where('app_id', '=', appId)
    .where((or) =>
      or.or([
        or(
          'id',
          'in',
          rows.map(({ id }) => id),
        ),
        // Placeholders of the digest of held episodes, which are in this one.
        or.and([or('how', '=', 'digest'), or('kind', '=', 'digest')]),
      ]),
    )
    .execute();
}

/** Totals: listed notifications and held episodes, each counted once. */
function withoutListed(
  all: readonly DigestedEpisode[],
  { causes, crashes, open, most }: HeldEpisodes,
): NonNullable<Extract<NotificationBody, { type: 'digest' }>['all']> {
  const heldIds = new Set(most.map(({ episode }) => episode.id));
  const listed = all.filter(({ episode }) => !heldIds.has(episode.id));
  return {
    causes: causes + listed.length,
    crashes: listed.reduce((sum, { episode }) => sum + episode.crashes, crashes),
    open: open + listed.filter(({ episode }) => episode.closedAtMs === null).length,
  };
}
