import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublicDump } from '../../../src/model/public-session.ts';
import { pruneRegularly } from '../../../src/portal/start/prune-regularly.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { timeDigits } from '../../../src/privacy/publish-crash.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { captureRecord, crashRecord, heartbeatRecord, sent } from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 25, 12);
const LATER = NOW + 60 * DAY;
const OLD = 1_200;

onBothDatabases((fresh) => {
  test('what is too old goes by itself while crashes come in; counts of days, groups and notes stay', async () => {
    await using directory = await temporaryDirectory('store');
    const databaseUrl = await fresh();
    let now = NOW;
    const place = { databaseUrl, dataDir: directory.path, retentionDays: 30 };
    const store = await openPortalStore(place, () => now);
    try {
      const old = Array.from({ length: OLD }, (_, index) =>
        sent(crashRecord(`old${index}`, NOW - (index % 20) * DAY)),
      );
      await store.write([...old, sent(captureRecord('old0', NOW))]);
      const [group] = await store.signatures('shop', { fromMs: NOW - 30 * DAY, toMs: NOW + 1 }, 1, NOW);
      await store.setNote('shop', group?.id ?? '', 'seen before');
      now = LATER;
      const log = { warn: (...words: unknown[]) => assert.fail(String(words)) } as never;
      await using _pruning = pruneRegularly(store, { now: () => now, log });
      let written = 0;
      do {
        await store.write([sent(crashRecord(`new${written}`, LATER - written))]);
        written++;
      } while ((await countOf(store)) > written);
      assert.equal(await store.crash('shop', 'old0'), null);
      assert.equal(await countOf(store), written);
      const range = { fromMs: LATER - 100 * DAY, toMs: LATER + 1 };
      const { series } = await store.timeline('shop', range, DAY);
      const counted = series.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);
      assert.equal(counted, OLD + written);
      assert.equal((await store.signature('shop', group?.id ?? '', LATER))?.note, 'seen before');
    } finally {
      await store.close();
    }
  });

  test('sessions, dumps and requests are kept as instances say, whatever comes again or late, and go with the retention', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 30 };
    let now = NOW;
    const store = await openPortalStore(place, () => now);
    try {
      const dump = (digit: string, agoMs: number): PublicDump => ({
        kind: 'core',
        ...{
          crashUid: `${timeDigits(NOW - agoMs)}00000000000${digit}`,
          sizeBytes: 5_000_000_000,
          full: false,
        },
        ...{ encrypted: true, status: { type: 'signal', signal: 'SIGSEGV' } },
        ...{ keptAtMs: NOW - agoMs, expiresAtMs: NOW + 7 * DAY },
      });
      const [older, newer] = [dump('1', 3_000), dump('2', 1_000)];
      const { crashUid } = newer;
      const session = { id: '0123456789ab', startedAtMs: NOW - DAY, endsAtMs: NOW + DAY, account: 'acc-1' };
      const beat = (uid: string, atMs: number, dumps: PublicDump[], kept: number, more = {}) =>
        sent(
          heartbeatRecord(uid, atMs, {
            ...{ dumps, session: { ...session, state: 'running', maxDumps: 9, kept }, ...more },
          }),
        );
      const first = beat('beat-1', NOW - 2_000, [older], 1);
      const second = beat('beat-2', NOW, [newer], 2);
      await store.write([sent(crashRecord(crashUid, NOW - 1_000)), first, second]);
      // Again, and in the wrong order.
      await store.write([second]);
      await store.write([first]);
      const { sessions, dumps } = await store.dumpSessions('shop', NOW - 15 * DAY, NOW);
      assert.deepEqual(
        sessions.map(({ kept, startedBy }) => [kept, startedBy]),
        [[2, 'an account']],
      );
      assert.deepEqual(
        dumps.map(({ id, deletedAtMs, hasCrash, sizeBytes }) => [id, deletedAtMs, hasCrash, sizeBytes]),
        [
          ['000000000002', null, true, 5_000_000_000],
          ['000000000001', NOW, false, 5_000_000_000],
        ],
      );
      assert.equal((await store.dumpOf('shop', 'web-1', crashUid))?.encrypted, true);
      assert.equal(await store.dumpOf('shop', 'web-2', crashUid), null);

      const { id, account } = session;
      const request = { id, account, what: 'session', maxDumps: 9, forMs: DAY } as const;
      const asked = { request, instance: 'web-1', who: 'ada', atMs: NOW };
      assert.equal(await store.addRequest('shop', { ...asked, instance: 'web-9' }), 'no-instance');
      assert.equal(await store.addRequest('shop', asked), null);
      assert.equal(await store.addRequest('shop', asked), 'waits-already');
      assert.deepEqual(await store.openRequests(NOW), [{ app: 'shop', instance: 'web-1', request }]);
      await store.write([beat('beat-3', NOW + 1, [newer], 2, { answers: [{ id, why: null }] })]);
      const after = await store.dumpSessions('shop', NOW - 15 * DAY, NOW, 'web-1');
      assert.deepEqual([after.requests[0]?.state, after.sessions[0]?.startedBy], ['started', 'ada']);

      now = LATER;
      while (await store.pruneSome(now));
      assert.deepEqual(await store.dumpSessions('shop', 0, LATER), { sessions: [], dumps: [], requests: [] });
    } finally {
      await store.close();
    }
  });
});

/** Crashes that are there, by looking at each. */
async function countOf(store: PortalStore): Promise<number> {
  const range = { fromMs: NOW - 100 * DAY, toMs: LATER + DAY };
  let count = 0;
  let after: string | undefined;
  do {
    const page = await store.crashes('shop', { range }, 1_000, after);
    count += page.items.length;
    after = page.next ?? undefined;
  } while (after !== undefined);
  return count;
}
