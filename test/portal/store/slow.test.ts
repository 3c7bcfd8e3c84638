import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { assembleStore } from '../../../src/portal/store/assemble-store.ts';
import { openPostgres } from '../../../src/portal/store/database/open-postgres.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import { migrate } from '../../../src/portal/store/schema/migrate.ts';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { crashRecord, sent } from '../../support/portal/records.ts';

describe('a PostgreSQL that is slow', () => {
  let postgres: TestDatabase;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  test('is waited for by what writes, and readers do not wait with it', async () => {
    const databaseUrl = await postgres.fresh();
    const store = await openPortalStore({ databaseUrl, dataDir: '/nowhere', retentionDays: 90 });
    const other = new pg.Client({ connectionString: databaseUrl });
    try {
      await store.write([sent(crashRecord('before', Date.now()))]);
      await other.connect();
      await other.query('begin');
      await other.query('select * from app_activity for update');
      let isStored = false;
      const waiting = store.write([sent(crashRecord('meanwhile', Date.now()))]).then((stored) => {
        isStored = true;
        return stored;
      });
      assert.notEqual(await store.crash('shop', 'before'), null);
      assert.equal((await store.apps('*', Date.now()))[0]?.crashesLastDay, 1);
      assert.equal(isStored, false);
      await other.query('rollback');
      assert.deepEqual(await waiting, { crashes: 1, duplicates: 0 });
    } finally {
      await other.end();
      await store.close();
    }
  });

  test('is dropped after a time, with nothing half-written, and used again once it is quick', async () => {
    const databaseUrl = await postgres.fresh();
    const database = openPostgres(databaseUrl, { read: 15_000, write: 500 });
    await migrate('postgres', database.writer, database.shownName);
    const store = assembleStore(database, 90, Date.now);
    const other = new pg.Client({ connectionString: databaseUrl });
    try {
      const now = Date.now();
      await store.write([sent(crashRecord('before', now))]);
      await other.connect();
      await other.query('begin');
      await other.query('select * from app_activity for update');
      await assert.rejects(store.write([sent(crashRecord('late', now))]), {
        code: 'DATABASE_UNUSABLE',
        message: /took too long: check its load/,
      });
      await other.query('rollback');
      assert.equal(await store.crash('shop', 'late'), null);
      assert.deepEqual(await store.write([sent(crashRecord('late', now))]), { crashes: 1, duplicates: 0 });
      assert.equal((await store.apps('*', now))[0]?.crashesLastDay, 2);
    } finally {
      await other.end();
      await store.close();
    }
  });
});
