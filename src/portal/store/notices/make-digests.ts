import type { Notice } from '../../../notify/notice.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { DAY_MS } from '../limits.ts';
import { lockApps } from '../write/number-apps.ts';
import { Announcer } from './announce.ts';
import type { NoticeBody, ToldEpisode } from './notice-store.ts';

const APPS_AT_ONCE = 20;
const NOTICES_AT_ONCE = 2_000;
/** A day with a clock put back, and a little: what waits longer was stored before a clock was set back. */
const LONGEST_WAIT_MS = 26 * 3_600_000;

/** What would have been single messages, as one; each app in a transaction. */
export async function makeDigests(
  database: Database,
  defaultMailTo: readonly string[],
  nowMs: number,
): Promise<boolean> {
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
      await makeDigest(transaction, { appId: app_id, name }, defaultMailTo, nowMs);
    });
  }
  return due.length === APPS_AT_ONCE;
}

async function makeDigest(
  transaction: WriteTransaction,
  { appId, name }: { appId: number; name: string },
  defaultMailTo: readonly string[],
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
  const items = new Map<string, { kind: Notice['kind']; episode: ToldEpisode }>();
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
  const announcer = new Announcer(transaction, new Map([[appId, name]]), defaultMailTo, nowMs);
  const settings = await announcer.settingsOf(appId);
  const all = [...items.values()];
  const firstMs = all.reduce((least, { episode }) => Math.min(least, episode.firstAtMs), nowMs);
  const lastMs = all.reduce((most, { episode }) => Math.max(most, episode.lastAtMs), 0);
  const isDaily = settings.preferences.digest !== null;
  const body: NoticeBody = {
    type: 'digest',
    fromMs: isDaily ? Math.min(firstMs, nowMs - DAY_MS) : firstMs,
    untilMs: isDaily ? nowMs : lastMs,
    items: all,
  };
  const digest = { appId, kind: 'digest' as const, episodeId: null, signature: null, body };
  const receivers = announcer.receiversOf(settings);
  if (receivers.length > 0) await announcer.insert(digest, { how: 'send', atMs: nowMs }, receivers);
  await transaction
    .updateTable('notices')
    .set({ how: 'digested' })
    .where('app_id', '=', appId)
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
}
