import type { RedactedReport } from '../../../model/redacted-report.ts';
import type { Database } from '../database/database.ts';
import { joinReport } from '../encode.ts';
import { titlesApart } from './titles-apart.ts';

/** More groups with the same title are distinguished only by their ids. */
const MOST_READ = 12;
const MOST_TITLES = 1_000;

type Group = { id: string; title: string };

/**
 * The shown titles of groups: if another group of the app has the same title, with an addition that distinguishes
 * them.
 */
export async function shownTitles(
  database: Database,
  appId: number,
  groups: readonly Group[],
): Promise<Map<string, string>> {
  const shown = new Map(groups.map(({ id, title }) => [id, title]));
  const titles = [...new Set(shown.values())].filter((title) => title !== '').slice(0, MOST_TITLES);
  if (titles.length === 0) return shown;
  const same = await database.reader
    .selectFrom('signatures')
    .select(['id', 'title'])
    .where('app_id', '=', appId)
    .where('title', 'in', titles)
    .orderBy('last_seen', 'desc')
    .execute();
  const byTitle = Map.groupBy(same, ({ title }) => title);
  for (const [title, alike] of byTitle) {
    if (alike.length < 2) continue;
    const read = await Promise.all(
      alike
        .slice(0, MOST_READ)
        .map(async ({ id }) => ({ id, report: await newestReport(database, appId, id) })),
    );
    const apart = titlesApart([...read, ...alike.slice(MOST_READ).map(({ id }) => ({ id, report: null }))]);
    for (const [id, words] of apart) if (shown.has(id)) shown.set(id, `${title} · ${words}`);
  }
  return shown;
}

async function newestReport(
  { reader }: Database,
  appId: number,
  signature: string,
): Promise<RedactedReport | null> {
  const crash = await reader
    .selectFrom('crashes')
    .select(['report_hash', 'report_own'])
    .where('app_id', '=', appId)
    .where('signature', '=', signature)
    .where('report_hash', 'is not', null)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (crash?.report_hash == null) return null;
  const report = await reader
    .selectFrom('reports')
    .select('body')
    .where('app_id', '=', appId)
    .where('hash', '=', crash.report_hash)
    .executeTakeFirst();
  return joinReport(report?.body ?? null, crash.report_own);
}
