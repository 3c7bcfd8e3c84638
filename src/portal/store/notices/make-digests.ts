import type { Database, WriteTransaction } from '../database/database.ts';
import { DAY_MS } from '../limits.ts';
import { lockApps } from '../write/number-apps.ts';
import { Announcer, type NoticeRules } from './announce.ts';
import { type DigestedEpisode, type HeldEpisodes, takeHeld } from './held-episodes.ts';
import type { NoticeBody } from './notice-store.ts';

const APPS_AT_ONCE = 20;
const NOTICES_AT_ONCE = 2_000;
/** A day with a clock put back, and a little: what waits longer was stored before a clock was set back. */
const LONGEST_WAIT_MS = 26 * 3_600_000;

/** Of the largest; how many there are in all is said as well. */
const MOST_ITEMS = 50;

/** What would have been single messages, as one; each app in a transaction. */
export async function makeDigests(database: Database, rules: NoticeRules, nowMs: number): Promise<boolean> {
  const due = await database.reader
    .selectFrom('notices as n')
    .innerJoin('apps as a', 'a.app_id', 'n.app_id')
    .select(['n.app_id', 'a.name'])
    .distinct()
    .where('n.how', '=', 'digest')
    .where((or) => or.or([or('n.due', '<=', nowMs), or('n.due', '>', nowMs + LONGEST_WAIT_MS)]))
    .limit(APPS_AT_ONCE)
    .execute();
  for (const { app_id, name } of due) {
    await database.writer.transaction().execute(async (transaction) => {
      await lockApps(database, transaction, [app_id]);
      await makeDigest(transaction, { appId: app_id, name }, rules, nowMs);
    });
  }
  return due.length === APPS_AT_ONCE;
}

async function makeDigest(
  transaction: WriteTransaction,
  { appId, name }: { appId: number; name: string },
  rules: NoticeRules,
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
    .limit(NOTICES_AT_ONCE)
    .execute();
  if (rows.length === 0) return;
  const items = new Map<string, DigestedEpisode>();
  for (const { kind, body } of rows) {
    const told = JSON.parse(body) as NoticeBody;
    if (told.type !== 'episode') continue;
    const before = items.get(told.episode.id);
    // The newest says how many there were; that it had returned was said by the first.
    items.set(told.episode.id, {
      kind: before?.kind === 'returned' ? 'returned' : kind,
      episode: told.episode,
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
  const body: NoticeBody = {
    type: 'digest',
    fromMs: isDaily ? Math.min(firstMs, nowMs - DAY_MS) : firstMs,
    untilMs: isDaily ? nowMs : lastMs,
    items: all.toSorted((a, b) => b.episode.crashes - a.episode.crashes).slice(0, MOST_ITEMS),
    all: withoutListed(all, held),
    perHour: held.causes === 0 ? null : rules.perHour,
  };
  const digest = { appId, kind: 'digest' as const, episodeId: null, signature: null, body };
  const receivers = announcer.receiversOf(settings);
  if (all.length > 0 && receivers.length > 0) {
    await announcer.insert(digest, { how: 'send', atMs: nowMs }, receivers);
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
        // What holds the place of a digest of held ones, which are in this one.
        or.and([or('how', '=', 'digest'), or('kind', '=', 'digest')]),
      ]),
    )
    .execute();
}

/** In all: those that are listed as notices, and all that are held; of those that are both, once. */
function withoutListed(
  all: readonly DigestedEpisode[],
  { causes, crashes, open, most }: HeldEpisodes,
): NonNullable<Extract<NoticeBody, { type: 'digest' }>['all']> {
  const heldIds = new Set(most.map(({ episode }) => episode.id));
  const listed = all.filter(({ episode }) => !heldIds.has(episode.id));
  return {
    causes: causes + listed.length,
    crashes: listed.reduce((sum, { episode }) => sum + episode.crashes, crashes),
    open: open + listed.filter(({ episode }) => episode.closedAtMs === null).length,
  };
}
