import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import pg from 'pg';
import { sqlitePath } from '../../../src/portal/store/database/open-sqlite.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import { CHECKOUT } from '../../support/crashmon.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const STARTER = path.join(CHECKOUT, 'test', 'fixtures', 'portal-starter.ts');
const STARTERS = ['one', 'two', 'three'];
const DAY = 86_400_000;

type Place = { databaseUrl: string | null; dataDir: string; retentionDays: number };

/** Runs one statement beside the store. */
async function run({ databaseUrl, dataDir }: Place, statement: string): Promise<void> {
  if (databaseUrl === null) {
    const database = new DatabaseSync(sqlitePath(dataDir));
    database.exec(statement);
    return database.close();
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
}

onBothDatabases((fresh, dialect) => {
  const placeIn = async (dataDir: string): Promise<Place> => ({
    databaseUrl: await fresh(),
    dataDir,
    retentionDays: 90,
  });

  test('portals that start at once over an empty database all find it made, once', async () => {
    await using directory = await temporaryDirectory('store');
    const place = await placeIn(directory.path);
    const starters = STARTERS.map((uid) =>
      spawn(process.execPath, [STARTER, JSON.stringify(place), uid], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    try {
      await Promise.all(starters.map((starter) => said(starter, 'ready')));
      const stored = starters.map((starter) => said(starter, 'stored'));
      for (const starter of starters) starter.stdin.write('go\n');
      await Promise.all(stored);
    } finally {
      for (const starter of starters) starter.kill('SIGKILL');
    }
    const store = await openPortalStore(place);
    try {
      const range = { fromMs: Date.now() - DAY, toMs: Date.now() + DAY };
      const { items } = await store.crashes('shop', { range }, 10);
      assert.deepEqual(items.map(({ uid }) => uid).toSorted(), STARTERS.toSorted());
      const [app] = await store.apps('*', Date.now());
      assert.equal(app?.crashesLastDay, STARTERS.length);
    } finally {
      await store.close();
    }
  });

  test('what a newer crashmon wrote is left alone', async () => {
    await using directory = await temporaryDirectory('store');
    const place = await placeIn(directory.path);
    await (await openPortalStore(place)).close();
    await run(place, 'update schema_version set version = 1000');
    await assert.rejects(openPortalStore(place), { code: 'DATABASE_TOO_NEW' });
  });

  // Its databases are made with the schema.
  const skip = dialect === 'citus';
  test('a step of the schema that fails is taken back as a whole', { skip }, async () => {
    await using directory = await temporaryDirectory('store');
    const clean = await placeIn(directory.path);
    // A foreign table stands in the way of the last of ours.
    await run(clean, 'create table failures (other text)');
    await assert.rejects(openPortalStore(clean), { code: 'DATABASE_UNUSABLE' });
    await run(clean, 'drop table failures');
    const store = await openPortalStore(clean);
    assert.deepEqual(await store.apps('*', Date.now()), []);
    await store.close();
  });
});

function said(program: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    program.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes(word)) resolve();
    });
    once(program, 'exit').then(() =>
      text.includes(word) ? resolve() : reject(new Error(`it ended before it said ${word}`)),
    );
  });
}
