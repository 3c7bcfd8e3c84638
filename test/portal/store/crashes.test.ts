import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import type { DialectName } from '../../../src/portal/store/database/database.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { type FreshDatabase, onBothDatabases } from '../../support/portal/on-both-databases.ts';
import {
  backRecord,
  captureRecord,
  crashRecord,
  heartbeatRecord,
  redactedReport,
  sent,
  stateRecord,
} from '../../support/portal/records.ts';
import { rounds } from '../../support/rounds.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RANGE = { fromMs: NOW - 15 * DAY, toMs: NOW + 1 };

/** Everything that a page could show of the app. */
async function stateOf(store: PortalStore) {
  const { items } = await store.crashes('shop', { range: RANGE }, 1_000);
  const details = await Promise.all(items.map(({ uid }) => store.crash('shop', uid)));
  const groups = await store.signatures('shop', RANGE, 100, NOW);
  return {
    details,
    groups: groups.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    causes: await store.causes('shop', RANGE, 100),
    instances: await store.instances('shop', NOW),
    timeline: await store.timeline('shop', RANGE, DAY),
  };
}

onBothDatabases(suite);

function suite(fresh: FreshDatabase, dialect: DialectName): void {
  async function withStore(use: (store: PortalStore) => Promise<void>): Promise<void> {
    await using directory = await temporaryDirectory('store');
    const databaseUrl = await fresh();
    const store = await openPortalStore(
      { databaseUrl, dataDir: directory.path, retentionDays: 90 },
      () => NOW,
    );
    try {
      assert.equal(store.dialect, dialect);
      await use(store);
    } finally {
      await store.close();
    }
  }

  describe('crashes', () => {
    test('are counted once however often they are sent', () =>
      withStore(async (store) => {
        const records = [sent(crashRecord('a', NOW - HOUR)), sent(crashRecord('b', NOW - HOUR))];
        const together = await Promise.all([store.write(records), store.write(records)]);
        assert.deepEqual(
          together.map(({ crashes }) => crashes),
          [2, 0],
        );
        assert.deepEqual(await store.write(records), { crashes: 0, duplicates: 2 });
        const [app] = await store.apps('*', NOW);
        assert.equal(app?.crashesLastDay, 2);
        assert.equal(app?.days.at(-1), 2);
        assert.deepEqual(await store.apps([], NOW), []);
      }));

    test('keep their report, and go into the group that it names', () =>
      withStore(async (store) => {
        await store.write([sent(crashRecord('a', NOW - HOUR)), sent(crashRecord('b', NOW - HOUR))]);
        await store.write([sent(captureRecord('a', NOW - HOUR + 900)), sent(backRecord('a', NOW - HOUR))]);
        const crash = await store.crash('shop', 'a');
        assert.deepEqual(crash?.report, redactedReport('a'));
        assert.equal(crash?.title, 'TypeError in total (src/basket.js)');
        assert.equal(crash?.backAfterMs, 120);
        const groups = await store.signatures('shop', RANGE, 10, NOW);
        assert.deepEqual(groups.map(({ title, crashes }) => [title, crashes]).toSorted(), [
          ['TypeError in total (src/basket.js)', 1],
          ['uncaught exception (exit code 1), no call stack', 1],
        ]);
        const detail = await store.signature('shop', crash?.signature ?? '', NOW);
        assert.equal(detail?.newestReport?.uid, 'a');
        assert.deepEqual(detail?.values, ['v1:total']);
        assert.deepEqual(
          detail?.versions.map(({ version, crashes }) => [version, crashes]),
          [['1.0.0', 1]],
        );
      }));

    test('have what they did to users, which a second record brings, in whatever order these come', async () => {
      const impact = { connectionsCut: 3, isExact: false, servedAfterMs: 900 };
      const process = { role: 'worker', pid: 4711, name: 'gunicorn' } as const;
      const crash = sent(crashRecord('a', NOW - HOUR, { process }));
      const back = sent(backRecord('a', NOW - HOUR));
      const known = sent({ ...backRecord('a', NOW - HOUR), uid: 'a-impact', impact });
      for (const order of [
        [[crash], [back], [known]],
        [[crash, back, known]],
        [[crash], [known, back]],
        [[known], [crash]],
      ]) {
        await withStore(async (store) => {
          for (const records of order) await store.write(records);
          const stored = await store.crash('shop', 'a');
          assert.deepEqual([stored?.process, stored?.impact, stored?.backAfterMs], [process, impact, 120]);
        });
      }
    });

    test('have the verdict of their last words, in whatever order these come', async () => {
      const found = { code: 'likely-exception', runtime: 'python' } as const;
      const revised = { kind: 'exception', suspected: false, reason: found } as const;
      const exit = { kind: 'exit', suspected: true, reason: { code: 'unknown' } } as const;
      const before = [sent(crashRecord('a', NOW - HOUR, exit)), sent(crashRecord('b', NOW - HOUR, exit))];
      const words = sent(captureRecord('a', NOW - HOUR + 900, { revised }));
      const orders = [[before, [words]], [[words], before], [[...before, words]], [before, [words], [words]]];
      for (const order of orders) {
        await withStore(async (store) => {
          for (const records of order) await store.write(records);
          const [a, b] = [await store.crash('shop', 'a'), await store.crash('shop', 'b')];
          assert.deepEqual(
            [a?.kind, a?.suspected, a?.reason, a?.captured],
            ['exception', false, found, false],
          );
          assert.deepEqual(a?.report, redactedReport('a'));
          assert.deepEqual([b?.kind, b?.suspected, b?.reason], ['exit', true, { code: 'unknown' }]);
          const causes = await store.causes('shop', RANGE, 10);
          assert.deepEqual(causes.map(({ kind }) => kind).toSorted(), ['exception', 'exit']);
        });
      }
    });

    test('of a time that cannot be are stored once, at a time that can', () =>
      withStore(async (store) => {
        const records = [sent(crashRecord('old', 5)), sent(crashRecord('far', NOW * 3))];
        assert.deepEqual(await store.write(records), { crashes: 2, duplicates: 0 });
        assert.deepEqual(await store.write(records), { crashes: 0, duplicates: 2 });
        assert.equal((await store.crash('shop', 'far'))?.atMs, NOW);
      }));

    test('are listed in pages that miss and repeat nothing', () =>
      withStore(async (store) => {
        const all = Array.from({ length: 25 }, (_, index) => `c${String(index).padStart(2, '0')}`);
        await store.write(all.map((uid, index) => sent(crashRecord(uid, NOW - HOUR + (index >> 2)))));
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.crashes('shop', { range: RANGE, kind: 'exception' }, 4, after);
          seen.push(...page.items.map(({ uid }) => uid));
          after = page.next ?? undefined;
        } while (after !== undefined);
        assert.deepEqual(seen, all.toReversed());
        await assert.rejects(store.crashes('shop', { range: RANGE }, 4, 'nonsense'), { code: 'BAD_REQUEST' });
      }));

    test('lose nothing to characters that a database refuses', () =>
      withStore(async (store) => {
        const odd = "half \ud800, zero \0, quote ', slash \\u0000";
        await store.write([
          sent(crashRecord('odd', NOW - HOUR, { title: odd }), { instance: odd, version: odd }),
        ]);
        assert.equal(
          (await store.crash('shop', 'odd'))?.version,
          "half \ufffd, zero \ufffd, quote ', slash \\u0000",
        );
        assert.equal((await store.instance('shop', odd, NOW))?.crashesTotal, 1);
      }));

    test('end in the same state in whatever order their records come', async () => {
      const records: SentRecord[] = ['a', 'b', 'c'].flatMap((uid, index) => {
        const atMs = NOW - (index + 1) * HOUR;
        const source = { instance: `web-${index % 2}`, version: `1.${index}` };
        const place = index === 2 ? 'tax' : 'total';
        return [
          sent(crashRecord(uid, atMs), source),
          sent(
            captureRecord(uid, atMs + 50, {
              signatures: [`v1:${place}`],
              title: `TypeError in ${place}`,
              report: redactedReport(uid, place),
            }),
            source,
          ),
          sent(backRecord(uid, atMs + 90), source),
        ];
      });
      records.push(sent(heartbeatRecord('h', NOW - 5_000)), sent(stateRecord('s', NOW - 2 * HOUR)));
      records.push(sent({ type: 'loss', uid: 'l', atMs: NOW - HOUR, count: 7 }));
      let expected: unknown;
      await withStore(async (store) => {
        await store.write(records);
        expected = await stateOf(store);
      });
      const orders = fc.tuple(
        fc.shuffledSubarray(records, { minLength: records.length }),
        fc.subarray(records),
        fc.integer({ min: 1, max: 5 }),
      );
      await fc.assert(
        fc.asyncProperty(orders, ([order, again, size]) =>
          withStore(async (store) => {
            const all = [...order, ...again];
            for (let from = 0; from < all.length; from += size)
              await store.write(all.slice(from, from + size));
            assert.deepEqual(await stateOf(store), expected);
          }),
        ),
        { numRuns: rounds(2) },
      );
    });
  });

  describe('groups', () => {
    test('are not split by a new version of signatures', () =>
      withStore(async (store) => {
        await store.write([sent(crashRecord('a', NOW - 3, { signatures: ['v1:x'] }))]);
        await store.write([sent(crashRecord('b', NOW - 2, { signatures: ['v2:y', 'v1:x'] }))]);
        await store.write([sent(crashRecord('c', NOW - 1, { signatures: ['v2:y'] }))]);
        const groups = await store.signatures('shop', RANGE, 10, NOW);
        assert.equal(groups.length, 1);
        assert.equal(groups[0]?.crashes, 3);
        assert.deepEqual(groups[0]?.values, ['v1:x', 'v2:y']);
      }));

    test('are resolved until they return', () =>
      withStore(async (store) => {
        await store.write([sent(crashRecord('a', NOW - HOUR))]);
        const [group] = await store.signatures('shop', RANGE, 10, NOW);
        const id = group?.id ?? '';
        const statusNow = async () => (await store.signature('shop', id, NOW))?.status;
        assert.equal(await statusNow(), 'open');
        assert.equal(await store.setResolved('shop', id, { atMs: NOW - 1_000, by: 'ann' }), true);
        assert.equal(await statusNow(), 'resolved');
        const before = (await store.changeCounters('*')).get('shop') ?? 0;
        await store.write([sent(crashRecord('b', NOW - 500))]);
        assert.equal(await statusNow(), 'returned');
        assert.ok(((await store.changeCounters('*')).get('shop') ?? 0) > before);
        assert.equal(await store.setNote('shop', 'no such', 'x'), false);
      }));
  });

  test('an instance is silent when its heartbeat does not come', () =>
    withStore(async (store) => {
      await store.write([sent(heartbeatRecord('h', NOW - 3 * 60_000 - 1, { state: 'armed' }))]);
      assert.equal((await store.instance('shop', 'web-1', NOW))?.state, 'silent');
      await store.write([sent(heartbeatRecord('i', NOW, { state: 'armed' }))]);
      assert.equal((await store.instance('shop', 'web-1', NOW))?.state, 'armed');
      assert.equal((await store.apps('*', NOW))[0]?.instances.armed, 1);
    }));

  test('what is older than it is kept goes in small steps, the counts of days stay', () =>
    withStore(async (store) => {
      await store.write([sent(crashRecord('old', NOW - 80 * DAY)), sent(crashRecord('new', NOW - HOUR))]);
      while (await store.pruneSome(NOW + 20 * DAY));
      assert.equal(await store.crash('shop', 'old'), null);
      assert.notEqual(await store.crash('shop', 'new'), null);
      const all = await store.timeline('shop', { fromMs: NOW - 120 * DAY, toMs: NOW + DAY }, DAY);
      assert.equal(
        all.series.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0),
        2,
      );
    }));
}
