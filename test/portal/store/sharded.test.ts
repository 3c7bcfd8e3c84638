import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleStore } from '../../../src/portal/store/assemble-store.ts';
import { openAdmin, openPostgres } from '../../../src/portal/store/database/open-postgres.ts';
import { APP_LIMITS } from '../../../src/portal/store/limits.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { migrate } from '../../../src/portal/store/schema/migrate.ts';
import { useCitus } from '../../support/portal/citus.ts';
import { startPostgres } from '../../support/portal/database.ts';
import {
  backRecord,
  captureRecord,
  crashRecord,
  heartbeatRecord,
  sent,
  stateRecord,
} from '../../support/portal/records.ts';
import { FAN_OUTS, namesApp, recordStatements, withoutApp } from '../../support/portal/statements.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const RANGE = { fromMs: NOW - 30 * DAY, toMs: NOW + DAY };
/** Small enough for folding, and for a digest. */
const LIMITS = { ...APP_LIMITS, signatures: 5, instances: 4, notificationsPerHour: 1 };
const MAIL_TO = ['ann@example.org'];

test('each statement of a distributed store names its app, or is one of the known fan-outs', async () => {
  await using postgres = await startPostgres();
  const recorded = recordStatements();
  try {
    // The dialect of Citus is SQL that PostgreSQL knows as well: nothing has to be distributed for it.
    await useAll(await postgres.fresh());
  } finally {
    recorded.stop();
  }
  assert.deepEqual(withoutApp(recorded.statements, true), []);
  assert.ok(recorded.statements.size > 100, `${recorded.statements.size} statements were recorded`);
  const statements = [...recorded.statements];
  const unused = FAN_OUTS.filter(({ statement }) => !statements.some((one) => statement.test(one)));
  assert.deepEqual(unused, []);
});

test('a statement that names no app is found', () => {
  const insert =
    'insert into losses as t (app_id, n) select r.app_id, r.n from (select value->>0 as app_id from x) as r';
  for (const statement of [
    'select * from crashes where uid = $1',
    'select * from crashes as c join signatures as s on s.id = c.signature where c.app_id = $1',
    'update instances set stopped = $1',
    'delete from counts where at < $1',
    'select a.name from apps as a join notices as n on n.app_id = a.app_id',
    insert,
  ]) {
    assert.equal(namesApp(statement, true), false, statement);
  }
  assert.equal(namesApp(insert, false), true);
  assert.equal(namesApp('select * from accounts where id = $1', true), true);
});

const coordinator = process.env.CRASHMON_TEST_CITUS;
if (coordinator !== undefined)
  test('the same over Citus', async () => {
    await using citus = await useCitus(coordinator);
    await useAll(await citus.fresh());
  });

/** Everything that a store can do, with two apps. */
async function useAll(databaseUrl: string): Promise<void> {
  const database = openPostgres(databaseUrl);
  let nowMs = NOW;
  const admin = openAdmin(databaseUrl);
  await migrate('postgres', admin, database.shownName);
  await admin.destroy();
  const store = assembleStore({ ...database, dialect: 'citus' }, 90, () => nowMs, MAIL_TO, LIMITS);
  try {
    await writeAll(store);
    await readAll(store);
    await notifyAll(store);
    nowMs += 800 * DAY;
    while (await store.pruneSome(nowMs));
    while (await store.notifications.prune(nowMs));
    assert.deepEqual((await store.crashes('shop', { range: RANGE }, 10)).items, []);
  } finally {
    await store.close();
  }
}

async function writeAll(store: PortalStore): Promise<void> {
  const dump = {
    ...{ crashUid: 'a', keptAtMs: NOW, expiresAtMs: NOW + DAY, sizeBytes: 1, full: false, encrypted: true },
    status: { type: 'code' as const, code: 1 },
  };
  const session = {
    ...{
      id: 's',
      startedAtMs: NOW,
      endsAtMs: NOW + DAY,
      state: 'active' as const,
      maxDumps: 3,
      kept: 1,
      account: null,
    },
  };
  const other = { app: 'blog' };
  const first = await store.write([
    sent(crashRecord('a', NOW)),
    sent(crashRecord('b', NOW, { signatures: ['v1:b'] })),
    sent(crashRecord('a', NOW), other),
    sent(stateRecord('s', NOW)),
    sent({ type: 'loss', uid: 'l', atMs: NOW, count: 3 }),
    sent(captureRecord('late', NOW)),
    sent(heartbeatRecord('h', NOW, { session, dumps: [dump] } as never)),
  ]);
  assert.deepEqual(first, { crashes: 3, duplicates: 0 });
  assert.equal(await store.addRequest('shop', request('r')), null);
  assert.equal((await store.openRequests(NOW)).length, 1);
  await store.write([
    sent(captureRecord('a', NOW)),
    sent(backRecord('a', NOW)),
    sent(crashRecord('late', NOW)),
  ]);
  const key = { app: 'shop', instance: 'web-1', crashUid: 'a' };
  assert.equal((await store.wantedCopies('shop', 'web-1', 10, NOW)).length, 1);
  assert.equal(await store.addPiece(key, { position: 0, bytes: new Uint8Array([7]) }, 10, NOW), 1);
  assert.deepEqual([...((await store.readPiece(key, 0, NOW)) ?? [])], [7]);
  const answers = [{ id: 'r', why: null }];
  await store.write([sent(heartbeatRecord('i', NOW + 1, { dumps: [], answers } as never))]);
  // A time that is replaced, and more groups and instances than there is room for.
  const more = Array.from({ length: 9 }, (_, at) =>
    sent(crashRecord(`more${at}`, NOW - at, { signatures: [`v1:more${at}`] }), { instance: `web-${at}` }),
  );
  await Promise.all([
    store.write(more),
    store.write([sent(crashRecord('ahead', NOW + 9 * DAY)), sent(crashRecord('a', NOW))]),
    store.write([sent(crashRecord('c', NOW), other)]),
  ]);
  const changes = Array.from({ length: 260 }, (_, at) => sent(stateRecord(`s${at}`, NOW - at)));
  await store.write(changes);
}

async function readAll(store: PortalStore): Promise<void> {
  const apps = await store.apps('*', NOW);
  assert.deepEqual(
    apps.map(({ app, crashesLastDay }) => [app, crashesLastDay]),
    [
      ['blog', 2],
      ['shop', 13],
    ],
  );
  const counters = await store.changeCounters(['shop']);
  await store.instances('shop', NOW);
  await store.instanceDays('shop', ['web-1'], NOW);
  await store.fleet('shop', NOW);
  await store.instance('shop', 'web-1', NOW);
  await store.stateChanges('shop', 'web-1', 10);
  const [group] = await store.signatures('shop', RANGE, 10, NOW);
  const id = group?.id ?? '';
  await store.timeline('shop', RANGE, DAY);
  await store.timeline('shop', RANGE, DAY, id);
  await store.causes('shop', RANGE, 10);
  await store.signature('shop', id, NOW);
  await store.setNote('shop', id, 'seen');
  await store.setResolved('shop', id, { atMs: NOW, by: 'Ann' });
  assert.notDeepEqual(await store.changeCounters(['shop']), counters);
  const filter = {
    kind: 'exception' as const,
    signature: id,
    instance: 'web-1',
    version: '1.0.0',
    hasReport: false,
  };
  const { next } = await store.crashes('shop', { range: RANGE }, 2);
  await store.crashes('shop', { range: RANGE, ...filter }, 2, next ?? undefined);
  await store.crash('shop', 'a');
  await store.dumpSessions('shop', 0, NOW);
  await store.dumpOf('shop', 'web-1', 'a');
}

async function notifyAll(store: PortalStore): Promise<void> {
  const { notifications } = store;
  assert.notEqual(await notifications.addTest('shop', null, NOW), null);
  const later = NOW + 2 * MINUTE;
  await notifications.passTime(later);
  const wanted = { type: 'mail' as const, limit: 10, busy: new Set<string>() };
  const claimed = await notifications.claim(wanted, later);
  assert.ok(claimed.length > 0);
  assert.deepEqual(await notifications.claim(wanted, later), [], 'claimed twice');
  for (const one of claimed) {
    await notifications.settle(one, { outcome: 'refused', why: 'no such mailbox' } as never, later);
  }
  await notifications.nextDueMs();
  await notifications.outboxCounts();
  const [logged] = await notifications.log('shop', 10);
  const [delivery] = logged?.deliveries ?? [];
  await notifications.sendAgain('shop', logged?.id ?? '', delivery?.targetId ?? '', later);
  await notifications.makeDigests(later + 10 * MINUTE);
  await notifications.passTime(later + 60 * MINUTE);
  await notifications.newestEpisode('shop');
  await notifications.newestVersion('shop');
}

const request = (id: string) =>
  ({
    request: { id, account: 'ann', what: 'session', maxDumps: 1, forMs: MINUTE },
    ...{ instance: 'web-1', who: 'Ann', atMs: NOW },
  }) as const;
