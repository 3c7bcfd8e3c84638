import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqlitePath } from '../../../src/portal/store/database/open-sqlite.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import type { TimeRange } from '../../../src/portal/store/read/crash-store.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 25, 13, 37);

type Crash = { uid: string; atMs: number; group: number; instance: string };

/** Spread over 60 days, denser towards the end, of 12 groups; the same in every run. */
const CRASHES: readonly Crash[] = Array.from({ length: 700 }, (_, index) => {
  const roll = (factor: number) => ((index * factor) % 1009) / 1009;
  const atMs = Math.round(NOW - 60 * DAY * roll(331) ** 3 - 1);
  return { uid: `c${index}`, atMs, group: Math.floor(roll(577) ** 2 * 12), instance: `web-${index % 9}` };
});

/** As pages and the API may ask: whole hours of the last days, whole days before. */
const RANGES: readonly (TimeRange & { bucketMs: number })[] = [
  { fromMs: NOW - (NOW % HOUR) - 24 * HOUR, toMs: NOW - (NOW % HOUR) + HOUR, bucketMs: HOUR / 2 },
  { fromMs: NOW - (NOW % HOUR) - 7 * DAY, toMs: NOW - (NOW % HOUR) + HOUR, bucketMs: 3 * HOUR },
  { fromMs: Date.UTC(2026, 10, 10, 18), toMs: Date.UTC(2026, 10, 25, 18), bucketMs: 6 * HOUR },
  { fromMs: Date.UTC(2026, 10, 12, 5), toMs: Date.UTC(2026, 10, 12, 9), bucketMs: HOUR },
  { fromMs: Date.UTC(2026, 10, 11, 23), toMs: Date.UTC(2026, 10, 14, 1), bucketMs: 5 * HOUR },
  { fromMs: Date.UTC(2026, 8, 1), toMs: Date.UTC(2026, 10, 26), bucketMs: DAY },
];

onBothDatabases((fresh) => {
  test('what pages show of a range is what a look at every crash would count', async () => {
    await using directory = await temporaryDirectory('store');
    const databaseUrl = await fresh();
    const place = { databaseUrl, dataDir: directory.path, retentionDays: 90 };
    const store = await openPortalStore(place, () => NOW);
    try {
      for (let from = 0; from < CRASHES.length; from += 100) {
        await store.write(CRASHES.slice(from, from + 100).map(recordOf));
      }
      for (const range of RANGES) await compare(store, range);
      const lastDay = await store.instances('shop', NOW);
      const from = NOW - DAY - ((NOW - DAY) % 600_000);
      for (const { instance, crashesLastDay } of lastDay) {
        const expected = CRASHES.filter((crash) => crash.instance === instance && crash.atMs >= from).length;
        assert.equal(crashesLastDay, expected);
        assert.equal((await store.instance('shop', instance, NOW))?.crashesLastDay, expected);
      }
      const days = await store.instanceDays(
        'shop',
        ['i-unknown', ...lastDay.map((each) => each.instance)],
        NOW,
      );
      const today = NOW - (NOW % DAY);
      for (const [instance, counts] of days) {
        const expected = counts.map((_, at) => {
          const day = today - (counts.length - 1 - at) * DAY;
          const inside = CRASHES.filter(({ atMs }) => atMs >= day && atMs < day + DAY);
          return inside.filter((crash) => crash.instance === instance).length;
        });
        assert.deepEqual(counts, expected, instance);
      }
    } finally {
      await store.close();
    }
  });
});

const recordOf = ({ uid, atMs, group, instance }: Crash) =>
  sent(crashRecord(uid, atMs, { signatures: [`v1:g${group}`], status: { type: 'code', code: group } }), {
    instance,
  });

const titleOf = (group: number) => `uncaught exception (exit code ${group}), no call stack`;

async function compare(store: PortalStore, range: TimeRange & { bucketMs: number }): Promise<void> {
  const inside = CRASHES.filter(({ atMs }) => atMs >= range.fromMs && atMs < range.toMs);
  const expected = new Map<string, number>();
  for (const { group } of inside) {
    expected.set(titleOf(group), (expected.get(titleOf(group)) ?? 0) + 1);
  }
  const shown = await store.signatures('shop', range, 100, NOW);
  assert.deepEqual(
    new Map(shown.map(({ title, crashes }) => [title, crashes])),
    new Map(sortedOf(expected, shown)),
  );
  const causes = await store.causes('shop', range, 100);
  assert.equal(
    causes.reduce((sum, { crashes }) => sum + crashes, 0),
    inside.length,
  );
  const timeline = await store.timeline('shop', range, range.bucketMs);
  const from = timeline.fromMs;
  const charted = CRASHES.filter(({ atMs }) => atMs >= from && atMs < range.toMs);
  const countsOf = (crashes: readonly Crash[]) => {
    const counts = new Array<number>(timeline.other.length).fill(0);
    for (const { atMs } of crashes) {
      const bucket = Math.floor((atMs - from) / timeline.bucketMs);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return counts;
  };
  for (const { title, counts } of timeline.series) {
    assert.deepEqual(counts, countsOf(charted.filter(({ group }) => titleOf(group) === title)));
  }
  const named = new Set(timeline.series.map(({ title }) => title));
  assert.deepEqual(timeline.other, countsOf(charted.filter(({ group }) => !named.has(titleOf(group)))));
  const [first] = timeline.series;
  if (first === undefined) return;
  const alone = await store.timeline('shop', range, range.bucketMs, first.signature);
  assert.deepEqual(alone.series, [first]);
  assert.equal(Math.max(...alone.other), 0);
}

/** In the order that was shown, so that the order is compared as well: most frequent first. */
function sortedOf(counts: ReadonlyMap<string, number>, shown: readonly { title: string; crashes: number }[]) {
  const order = shown.map(({ crashes }) => crashes);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => b - a),
  );
  const place = (title: string) => shown.findIndex((each) => each.title === title);
  return [...counts].toSorted(([a], [b]) => place(a) - place(b));
}

test('SQLite finds crashes by their index, however few it has seen', async () => {
  await using directory = await temporaryDirectory('store');
  const store = await openPortalStore({ databaseUrl: null, dataDir: directory.path, retentionDays: 90 });
  await store.write([sent(crashRecord('a', Date.now())), sent(captureRecord('a', Date.now()))]);
  await store.close();
  const database = new DatabaseSync(sqlitePath(directory.path), { readOnly: true });
  try {
    const planOf = (where: string): string => {
      const newest = 'order by at desc, uid desc limit 51';
      const rows = database.prepare(
        `explain query plan select * from crashes where app_id = 1 and ${where} ${newest}`,
      );
      return rows
        .all()
        .map(({ detail }) => detail)
        .join('; ');
    };
    const range = 'at >= 1 and at < 2';
    for (const [where, index] of [
      ["uid = 'a'", 'crashes_by_uid (app_id=? AND uid=?)'],
      [`signature = 'a' and ${range}`, 'crashes_by_signature (app_id=? AND signature=? AND at>? AND at<?)'],
      [`instance = 'a' and ${range}`, 'crashes_by_instance (app_id=? AND instance=? AND at>? AND at<?)'],
      [`version = 'a' and ${range}`, 'crashes_by_version (app_id=? AND version=? AND at>? AND at<?)'],
      [`kind = 'a' and ${range}`, 'crashes_by_kind (app_id=? AND kind=? AND at>? AND at<?)'],
      [`report_hash is not null and ${range}`, 'crashes_with_report (app_id=? AND at>? AND at<?)'],
      [`report_hash is null and ${range}`, 'crashes_without_report (app_id=? AND at>? AND at<?)'],
      [
        "signature = 'a' and report_hash is not null",
        'crashes_reported_by_signature (app_id=? AND signature=?)',
      ],
      [range, 'PRIMARY KEY (app_id=? AND at>? AND at<?)'],
    ] as const) {
      const plan = planOf(where);
      assert.ok(plan.includes(index), `${where}: ${plan}`);
      if (!where.startsWith('uid')) assert.doesNotMatch(plan, /TEMP B-TREE/);
    }
  } finally {
    database.close();
  }
});
