import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assembleStore } from '../../../src/portal/store/assemble-store.ts';
import { openSqlite, sqlitePath } from '../../../src/portal/store/database/open-sqlite.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { migrate } from '../../../src/portal/store/schema/migrate.ts';
import { CHECKOUT } from '../../support/crashmon.ts';
import { startPostgres } from '../../support/portal/database.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { captureRecord, crashRecord, redactedReport, sent } from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const WRITER = path.join(CHECKOUT, 'test', 'fixtures', 'portal-writer.ts');
const DAY = 86_400_000;
const UNUSABLE = { code: 'DATABASE_UNUSABLE' };

async function countsOf(store: PortalStore): Promise<{ rows: number; counted: number }> {
  const range = { fromMs: Date.now() - DAY, toMs: Date.now() + DAY };
  const uids = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.crashes('shop', { range }, 1_000, after);
    for (const { uid } of page.items) uids.add(uid);
    after = page.next ?? undefined;
  } while (after !== undefined);
  const [app] = await store.apps('*', Date.now());
  return { rows: uids.size, counted: app?.crashesLastDay ?? 0 };
}

/** Kills a process that stores, once it has printed so many. @returns what it printed */
async function killedWriter(settings: object, prefix: string, least: number): Promise<string[]> {
  const writer = spawn(process.execPath, [WRITER, JSON.stringify(settings), prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  let printed = '';
  for await (const chunk of writer.stdout) {
    printed += chunk;
    if (printed.split('\n').length > least) writer.kill('SIGKILL');
  }
  await ended;
  return printed.split('\n').slice(0, -1);
}

onBothDatabases((fresh) => {
  test('what was acknowledged survives kill -9, and is there once when it is sent again', async () => {
    await using directory = await temporaryDirectory('store');
    const settings = {
      databaseUrl: await fresh(),
      dataDir: directory.path,
      retentionDays: 90,
    };
    const printed = (
      await Promise.all([killedWriter(settings, 'one', 100), killedWriter(settings, 'two', 250)])
    ).flat();
    const store = await openPortalStore(settings);
    try {
      const now = Date.now();
      const missing = [];
      for (const uid of printed) if ((await store.crash('shop', uid)) === null) missing.push(uid);
      assert.deepEqual(missing, []);
      const first = await countsOf(store);
      assert.equal(first.counted, first.rows);
      const again = [];
      for (const uid of printed) {
        const crash = await store.crash('shop', uid);
        again.push(sent(crashRecord(uid, crash?.atMs ?? now)));
      }
      const stored = await store.write(again);
      assert.deepEqual(stored, { crashes: 0, duplicates: printed.length });
      assert.deepEqual(await countsOf(store), first);
    } finally {
      await store.close();
    }
  });

  test('several portals on one database count every crash once', async () => {
    await using directory = await temporaryDirectory('store');
    const settings = {
      databaseUrl: await fresh(),
      dataDir: directory.path,
      retentionDays: 90,
    };
    const stores = await Promise.all([1, 2, 3].map(() => openPortalStore(settings)));
    try {
      const now = Date.now();
      const records = Array.from({ length: 300 }, (_, index) => [
        sent(crashRecord(`c${index}`, now, { signatures: [`v1:s${index % 7}`] })),
        sent(captureRecord(`c${index}`, now, { signatures: [`v1:t${index % 5}`] })),
      ]).flat();
      const writes = stores.flatMap((store, offset) =>
        Array.from({ length: 40 }, (_, index) => {
          const from = ((index + offset * 13) % 40) * 15;
          return store.write(records.slice(from, from + 15));
        }),
      );
      const stored = await Promise.all(writes);
      assert.equal(
        stored.reduce((sum, { crashes }) => sum + crashes, 0),
        300,
      );
      const [store] = stores;
      assert.ok(store);
      assert.deepEqual(await countsOf(store), { rows: 300, counted: 300 });
      const range = { fromMs: now - DAY, toMs: now + DAY };
      const groups = await store.signatures('shop', range, 100, now);
      assert.deepEqual(
        groups.map(({ crashes, crashesTotal }) => [crashes, crashesTotal]),
        Array.from({ length: 5 }, () => [60, 60]),
      );
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });

  test('only one caller gets a one-time link', async () => {
    await using directory = await temporaryDirectory('store');
    const databaseUrl = await fresh();
    const store = await openPortalStore({ databaseUrl, dataDir: directory.path, retentionDays: 90 });
    try {
      const link = { secretHash: 'x', purpose: 'setup', accountId: null, expiresAtMs: 1_000 } as const;
      await store.createOneTimeLink(link);
      assert.equal(await store.takeOneTimeLink('x', 'sign-in', 1), null);
      assert.equal(await store.takeOneTimeLink('x', 'setup', 1_000), null);
      const taken = await Promise.all([1, 2, 3, 4].map(() => store.takeOneTimeLink('x', 'setup', 1)));
      assert.deepEqual(
        taken.filter((one) => one !== null),
        [{ accountId: null }],
      );
    } finally {
      await store.close();
    }
  });
});

describe('a database that fails', () => {
  test('because its disk is full refuses what it cannot store, with nothing half-written', async () => {
    await using directory = await temporaryDirectory('store');
    const pages = 200;
    const database = openSqlite(directory.path, pages);
    await migrate('sqlite', database.writer, database.shownName);
    const store = assembleStore(database, 90, Date.now);
    try {
      const now = Date.now();
      const big = (uid: string) =>
        sent(captureRecord(uid, now, { report: redactedReport(uid, uid.padEnd(100_000, 'x')) }));
      let stored = 0;
      const failure = await (async () => {
        for (; ; stored++) await store.write([sent(crashRecord(`f${stored}`, now)), big(`f${stored}`)]);
      })().catch((error: unknown) => error);
      assert.ok(failure instanceof Error);
      assert.match(failure.message, /disk is full: free some space/);
      assert.ok(stored > 0);
      assert.deepEqual(await countsOf(store), { rows: stored, counted: stored });
      assert.equal(await store.crash('shop', `f${stored}`), null);
    } finally {
      await store.close();
    }
  });

  test('because its file was removed says so and pretends nothing', async () => {
    await using directory = await temporaryDirectory('store');
    const store = await openPortalStore({ databaseUrl: null, dataDir: directory.path, retentionDays: 90 });
    try {
      await store.ping();
      renameSync(sqlitePath(directory.path), path.join(directory.path, 'elsewhere'));
      await assert.rejects(store.write([sent(crashRecord('a', Date.now()))]), UNUSABLE);
      await assert.rejects(store.ping(), /removed or replaced/);
    } finally {
      await store.close();
    }
  });

  test('because PostgreSQL went away is used again when it is back', async () => {
    await using postgres = await startPostgres();
    const databaseUrl = await postgres.fresh();
    const store = await openPortalStore({ databaseUrl, dataDir: '/nowhere', retentionDays: 90 });
    try {
      const now = Date.now();
      await store.write([sent(crashRecord('before', now))]);
      const meanwhile = Array.from({ length: 50 }, (_, index) =>
        store.write([sent(crashRecord(`m${index}`, now))]),
      );
      const settled = Promise.allSettled(meanwhile);
      await postgres.kill();
      await assert.rejects(store.write([sent(crashRecord('during', now))]), UNUSABLE);
      await assert.rejects(store.ping(), UNUSABLE);
      const acknowledged = (await settled).filter(({ status }) => status === 'fulfilled').length;
      await postgres.start();
      await store.write([sent(crashRecord('after', now))]);
      const { rows, counted } = await countsOf(store);
      assert.equal(rows, counted);
      // One transaction may have been stored whose answer was lost.
      assert.ok(rows >= acknowledged + 2, `${rows} stored, ${acknowledged} acknowledged`);
      const again = Array.from({ length: 50 }, (_, index) => sent(crashRecord(`m${index}`, now)));
      await store.write([...again, sent(crashRecord('during', now))]);
      assert.deepEqual(await countsOf(store), { rows: 53, counted: 53 });
    } finally {
      await store.close();
    }
  });

  test('because nothing answers never shows the password', async () => {
    const databaseUrl = 'postgres://portal:hunter2@127.0.0.1:1/crashmon?password=hunter3';
    const failure = await openPortalStore({ databaseUrl, dataDir: '/nowhere', retentionDays: 90 }).catch(
      (error: unknown) => error,
    );
    assert.ok(failure instanceof Error);
    assert.match(failure.message, /127\.0\.0\.1:1\/crashmon: the connection was refused/);
    assert.doesNotMatch(failure.message, /hunter/);
    const nonsense = { databaseUrl: 'hunter2', dataDir: '/nowhere', retentionDays: 90 };
    await assert.rejects(openPortalStore(nonsense), UNUSABLE);
  });
});
