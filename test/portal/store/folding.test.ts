import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import { APP_LIMITS, OTHER_GROUP, OTHER_INSTANCE } from '../../../src/portal/store/limits.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import {
  captureRecord,
  crashRecord,
  heartbeatRecord,
  redactedReport,
  sent,
} from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 25, 10);
const LIMITS = { ...APP_LIMITS, signatures: 40, instances: 30 };

/** A crash of a cause of its own; every third has its stack, which comes with it or afterwards. */
function crashOf(at: number, atMs: number, instance: string): SentRecord[] {
  const uid = `crash-${at}`;
  const report = { ...redactedReport(uid, `place${at}`), exceptionType: `Error${at}` };
  const group = { signatures: [`v1:cause-${at}`], title: `Error${at}` };
  const source = { instance };
  const crash = sent(crashRecord(uid, atMs, { signatures: [`v1:bare-${at % 7}`] }), source);
  if (at % 3 > 0) return [sent(crashRecord(uid, atMs, group), source)];
  return [crash, sent(captureRecord(uid, atMs, { ...group, report }), source)];
}

async function totals(store: PortalStore, nowMs: number) {
  const range = { fromMs: nowMs - 2 * DAY, toMs: nowMs + DAY };
  const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
  const groups = await store.signatures('shop', range, 10_000, nowMs);
  const timeline = await store.timeline('shop', range, 3_600_000);
  const instances = await store.instances('shop', nowMs);
  const days = await store.instanceDays(
    'shop',
    instances.map(({ instance }) => instance),
    nowMs,
  );
  return {
    inRange: sum(groups.map(({ crashes }) => crashes)),
    ever: sum(groups.map(({ crashesTotal }) => crashesTotal)),
    byDay: sum(groups.map((group) => sum(group.days))),
    byCause: sum((await store.causes('shop', range, 10_000)).map(({ crashes }) => crashes)),
    inChart: sum([...timeline.series.map(({ counts }) => sum(counts)), sum(timeline.other)]),
    onInstances: sum(instances.map(({ crashesTotal }) => crashesTotal)),
    onInstancesByDay: sum([...days.values()].map(sum)),
  };
}

onBothDatabases((fresh) => {
  test('beyond the limits crashes are counted together, and folding keeps every total', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 90 };
    let nowMs = NOW - DAY - 3_600_000;
    const store = await openPortalStore({ ...place, limits: LIMITS }, () => nowMs);
    try {
      const write = async (from: number, to: number, instanceOf: (at: number) => string) => {
        for (let at = from; at < to; at += 10) {
          const each = Array.from({ length: Math.min(10, to - at) }, (_, add) => at + add);
          await store.write(each.flatMap((one) => crashOf(one, nowMs - 1_000 * (to - one), instanceOf(one))));
        }
      };
      const all = (crashes: number) => ({
        ...{ inRange: crashes, ever: crashes, byDay: crashes, byCause: crashes, inChart: crashes },
        ...{ onInstances: crashes, onInstancesByDay: crashes },
      });
      const range = { fromMs: NOW - 3 * DAY, toMs: NOW + DAY };
      const groupsOf = () => store.signatures('shop', range, 10_000, nowMs);
      await write(0, 10, (at) => `web-${at}`);
      const noted = (await groupsOf())[0]?.id ?? assert.fail();
      await store.setNote('shop', noted, 'known');
      await write(10, 200, (at) => `web-${at % 60}`);
      assert.deepEqual(await totals(store, nowMs), all(200));
      const full = await groupsOf();
      assert.equal(full.length, LIMITS.signatures + 1);
      assert.ok((full.find(({ id }) => id === OTHER_GROUP)?.crashesTotal ?? 0) > 100);
      assert.ok((await store.instances('shop', nowMs)).length <= LIMITS.instances + 1);

      // A day later nothing is heard of these instances, and there is room again.
      nowMs = NOW;
      await store.write([sent(heartbeatRecord('beat', nowMs), { instance: 'web-0' })]);
      while (await store.pruneSome(nowMs));
      assert.deepEqual(await totals(store, nowMs), all(200));
      const folded = await groupsOf();
      assert.ok(folded.length <= 0.9 * LIMITS.signatures + 1, `${folded.length} groups`);
      assert.ok(folded.some(({ id }) => id === noted));
      const other = folded.find(({ id }) => id === OTHER_GROUP) ?? assert.fail();
      assert.equal(other.title, 'Other causes');
      const listed = await store.crashes('shop', { range, signature: OTHER_GROUP }, 1_000);
      assert.equal(listed.items.length, other.crashesTotal);
      const instances = await store.instances('shop', nowMs);
      assert.ok(instances.length <= 0.9 * LIMITS.instances + 1);
      assert.ok(instances.some(({ instance }) => instance === 'web-0'));
      assert.equal(instances.find(({ instance }) => instance === OTHER_INSTANCE)?.state, 'folded');
      assert.equal((await store.fleet('shop', nowMs)).states.folded, 1);

      // What is new, and what comes back, has a place of its own.
      const before = new Set(folded.map(({ id }) => id));
      await store.write(crashOf(1_002, nowMs, 'new-1'));
      await store.write(
        crashOf(13, nowMs, 'web-13').map((one) => ({ ...one, record: { ...one.record, uid: 'again' } })),
      );
      const after = (await groupsOf()).filter(({ id }) => !before.has(id));
      assert.ok(after.some(({ title }) => title.startsWith('Error1002 in place1002')));
      assert.ok((await store.instances('shop', nowMs)).some(({ instance }) => instance === 'new-1'));
      assert.deepEqual(await totals(store, nowMs), all(202));
    } finally {
      await store.close();
    }
  });

  test('an instance that is gone for longer than its retention is folded, and one that was seen stays', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 90 };
    let nowMs = NOW - 10 * DAY;
    const store = await openPortalStore({ ...place, instanceRetentionMs: 9 * DAY }, () => nowMs);
    try {
      await store.write(Array.from({ length: 6 }, (_, at) => crashOf(at, nowMs, `pod-${at}`)).flat());
      nowMs = NOW - DAY;
      await store.write([sent(heartbeatRecord('beat', nowMs), { instance: 'pod-5' })]);
      while (await store.pruneSome(nowMs));
      assert.equal((await store.instances('shop', nowMs)).length, 6);
      nowMs = NOW;
      while (await store.pruneSome(nowMs));
      const left = await store.instances('shop', nowMs);
      const names = left.map(({ instance, crashesTotal }) => [instance, crashesTotal]);
      assert.deepEqual(names, [
        [OTHER_INSTANCE, 5],
        ['pod-5', 1],
      ]);
    } finally {
      await store.close();
    }
  });

  test('a stack that comes when its crash was folded moves it on, and its totals with it', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 90 };
    let nowMs = NOW - DAY - 60_000;
    const limits = { ...APP_LIMITS, signatures: 10, instances: 10 };
    const store = await openPortalStore({ ...place, limits }, () => nowMs);
    try {
      for (let at = 0; at < 30; at++) {
        const bare = { signatures: [`v1:bare-${at}`] };
        await store.write([sent(crashRecord(`crash-${at}`, nowMs, bare), { instance: `web-${at}` })]);
      }
      nowMs = NOW;
      while (await store.pruneSome(nowMs));
      const captures = [0, 1, 2, 20].map((at) =>
        sent(captureRecord(`crash-${at}`, nowMs, { signatures: ['v1:cause'] }), { instance: `web-${at}` }),
      );
      await store.write(captures);
      const found = await totals(store, nowMs);
      for (const [name, total] of Object.entries(found)) assert.equal(total, 30, name);
      const range = { fromMs: NOW - 3 * DAY, toMs: NOW + DAY };
      const groups = await store.signatures('shop', range, 100, nowMs);
      assert.equal(groups.find(({ title }) => title.startsWith('TypeError'))?.crashesTotal, 4);
    } finally {
      await store.close();
    }
  });
});
