import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import { publishWorkload } from '../../../src/privacy/publish-workload.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { crashRecord, heartbeatRecord, sent, stateRecord } from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const MINUTE = 60_000;
const USUAL = { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 };
const EAGER = { ...USUAL, armAfter: 1 };
const STATES = ['watching', 'cooling-down', 'disabled'] as const;

onBothDatabases((fresh) => {
  test('a fleet in numbers is what its instances are, one by one', async () => {
    await using directory = await temporaryDirectory('store');
    const databaseUrl = await fresh();
    const place = { databaseUrl, dataDir: directory.path, retentionDays: 90 };
    const store = await openPortalStore(place, () => NOW);
    try {
      const nothing = await store.fleet('shop', NOW);
      assert.deepEqual([nothing.silent, nothing.thresholds, nothing.nearest], [[], [], null]);
      const beats = Array.from({ length: 40 }, (_, index) => {
        const atMs = index % 7 === 0 ? NOW - 10 * MINUTE : NOW - 1_000;
        const record = heartbeatRecord(`beat-${index}`, atMs, {
          state: STATES[index % 3] ?? 'watching',
          settings: index % 10 === 9 ? EAGER : USUAL,
          crashesInWindow: index % 3,
        });
        return sent(record, { instance: `web-${String(index).padStart(2, '0')}` });
      });
      // Never said how often it is to be heard of, and no state but that of its crash.
      beats.push(sent(crashRecord('quiet', NOW - 31 * MINUTE), { instance: 'a-old' }));
      await store.write(beats);
      const all = await store.instances('shop', NOW);
      const fleet = await store.fleet('shop', NOW);
      for (const [state, count] of Object.entries(fleet.states)) {
        assert.equal(count, all.filter((instance) => instance.state === state).length, state);
      }
      assert.deepEqual(fleet.states, (await store.apps('*', NOW))[0]?.instances);
      assert.deepEqual(fleet.silent, ['a-old', 'web-00', 'web-07']);
      assert.deepEqual(fleet.thresholds, [
        { settings: USUAL, instances: 37, names: ['a-old', 'web-00', 'web-01'] },
        { settings: EAGER, instances: 4, names: ['web-09', 'web-19', 'web-29'] },
      ]);
      // Watching, one crash at most before it arms; all of the others of this kind need more.
      assert.equal(fleet.nearest?.instance, 'web-09');
      assert.equal(fleet.nearest.state, 'watching');
    } finally {
      await store.close();
    }
  });

  test('crashes in a cool-down keep the time when it ends', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 90 };
    const store = await openPortalStore(place, () => NOW);
    const state = 'cooling-down' as const;
    const cooldownUntilMs = NOW + 60 * MINUTE;
    const untilOf = async (instance: string) =>
      (await store.instances('shop', NOW)).find((each) => each.instance === instance)?.cooldownUntilMs;
    try {
      const cooling = (instance: string) =>
        sent(stateRecord(`cooling-${instance}`, NOW - 3_000, { state, cooldownUntilMs }), { instance });
      const crash = (instance: string, agoMs: number, now: 'cooling-down' | 'watching') =>
        sent(crashRecord(`${instance}-${agoMs}`, NOW - agoMs, { state: now }), { instance });
      await store.write([cooling('later')]);
      await store.write([crash('later', 2_000, state)]);
      await store.write([
        cooling('together'),
        crash('together', 2_000, state),
        crash('together', 1_000, state),
      ]);
      await store.write([cooling('over'), crash('over', 1_000, 'watching')]);
      const old = { state, cooldownUntilMs: NOW - 2_500 };
      await store.write([sent(stateRecord('old', NOW - 3_000, old), { instance: 'old' })]);
      await store.write([crash('old', 1_000, state)]);
      assert.equal(await untilOf('later'), cooldownUntilMs);
      assert.equal(await untilOf('together'), cooldownUntilMs);
      assert.deepEqual([await untilOf('over'), await untilOf('old')], [null, null]);
    } finally {
      await store.close();
    }
  });

  test('of an instance it is known where it runs, by its latest record', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 90 };
    const store = await openPortalStore(place, () => NOW);
    const inPod = (pod: string) => ({ workload: publishWorkload(new Map([['k8s.pod.name', pod]])) });
    const workload = async () => (await store.instance('shop', 'web-1', NOW))?.workload;
    try {
      await store.write([sent(heartbeatRecord('none', NOW - 9_000))]);
      assert.deepEqual(await workload(), {});
      await store.write([sent(crashRecord('crash', NOW - 5_000), inPod('shop-2'))]);
      await store.write([sent(heartbeatRecord('late', NOW - 8_000), inPod('shop-1'))]);
      assert.deepEqual(await workload(), { 'k8s.pod.name': 'shop-2' });
      await store.write([
        sent(heartbeatRecord('third', NOW - 2_000), inPod('shop-3')),
        sent(heartbeatRecord('last', NOW - 1_000), inPod('shop-4')),
      ]);
      assert.deepEqual(await workload(), { 'k8s.pod.name': 'shop-4' });
      await store.write([sent(heartbeatRecord('moved', NOW))]);
      assert.deepEqual(await workload(), {});
    } finally {
      await store.close();
    }
  });

  test('of an instance it is known why no capture is possible, until that has changed', async () => {
    await using directory = await temporaryDirectory('store');
    const place = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 90 };
    const store = await openPortalStore(place, () => NOW);
    const noCapture = { why: 'runtime', runtime: 'python', code: null } as const;
    const instance = async () => (await store.instances('shop', NOW))[0];
    try {
      await store.write([sent(crashRecord('first', NOW - 3_000, { noCapture, crashesInWindow: 2 }))]);
      assert.deepEqual((await instance())?.noCapture, noCapture);
      await store.write([sent(heartbeatRecord('beat', NOW - 2_000, { noCapture }))]);
      assert.deepEqual((await instance())?.noCapture, noCapture);
      await store.write([sent(crashRecord('second', NOW - 1_000, { crashesInWindow: 3 }))]);
      assert.equal((await instance())?.noCapture, null);
    } finally {
      await store.close();
    }
  });
});
