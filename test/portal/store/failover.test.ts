import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import { primaryPool } from '../../../src/portal/store/database/primary-pool.ts';
import type { Tables } from '../../../src/portal/store/schema/tables.ts';
import { startPostgres, startStandby, type TestDatabase } from '../../support/portal/database.ts';
import { crashRecord } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

/** The URL of the same database on both. */
function urlOfBoth(url: string, first: { sockets: string }, second: { sockets: string }): string {
  const { username, pathname } = new URL(url);
  const [one, two] = [first, second].map(({ sockets }) => encodeURIComponent(sockets));
  return `postgres://${username}@${one},${two}${pathname}?target_session_attrs=read-write`;
}

let made = 0;
async function sendCrash(portal: TestPortal, app: string, token: string): Promise<void> {
  const uid = (made++).toString(16).padStart(24, '0');
  const request = agentRequest([crashRecord(uid, Date.now())], { app });
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { status, json } = await sendLogs({ url: portal.url, token }, request);
    assert.equal(json.partialSuccess, undefined);
    if (status === 200) return;
    assert.equal(status, 503);
    assert.ok(performance.now() < deadline, 'the portal finds no server');
  }
}

async function countOf({ store }: TestPortal, app: string): Promise<number> {
  const instances = await store.instances(app, Date.now());
  return instances.reduce((sum, { crashesTotal }) => sum + crashesTotal, 0);
}

async function replayed(primary: TestDatabase, url: string): Promise<void> {
  const { username, pathname } = new URL(url);
  const only = `postgres://${username}@${encodeURIComponent(primary.sockets)}${pathname}`;
  const database = open([only]);
  const deadline = performance.now() + 60_000;
  for (let behind = true; behind; ) {
    assert.ok(performance.now() < deadline, 'the standby does not follow');
    const { rows } = await sql<{ behind: boolean }>`select
      coalesce(bool_or(replay_lsn < pg_current_wal_lsn()), true) as behind from pg_stat_replication`.execute(
      database,
    );
    behind = rows[0]?.behind ?? true;
  }
  await database.destroy();
}

function open(urls: string[], options: pg.PoolConfig = {}, onLost = () => {}): Kysely<Tables> {
  const pool = primaryPool(urls, { max: 1, connectionTimeoutMillis: 10_000, ...options }, onLost);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

test('the standby of a list is passed by, and takes over when it is promoted; each crash counts once', async () => {
  await using primary = await startPostgres();
  const url = await primary.fresh();
  await using standby = await startStandby(primary);
  const both = urlOfBoth(url, standby, primary);
  await using portal = await startTestPortal({ database: both });
  for (let n = 0; n < 3; n++) await sendCrash(portal, 'shop', portal.token);
  await replayed(primary, url);
  await primary.kill();
  // Not before this failed: then the standby was asked, too.
  assert.equal((await fetch(`${portal.url}/readyz`)).status, 503);
  const during = sendCrash(portal, 'shop', portal.token);
  await standby.promote();
  await during;
  await sendCrash(portal, 'shop', portal.token);
  assert.equal(await countOf(portal, 'shop'), 5);
  assert.equal((await fetch(`${portal.url}/readyz`)).status, 200);
});

test('after a server that lacks what another acknowledged, no app gets the number of another', async () => {
  await using primary = await startPostgres();
  const url = await primary.fresh();
  // Brings the schema.
  const blog = await (async () => {
    await using early = await startTestPortal({ database: url });
    return early.newToken('blog');
  })();
  await using standby = await startStandby(primary);
  await using portal = await startTestPortal({ database: urlOfBoth(url, primary, standby) });
  await replayed(primary, url);
  await standby.kill();
  await sendCrash(portal, 'shop', portal.token);
  await primary.kill();
  await standby.start();
  await standby.promote();
  await sendCrash(portal, 'blog', blog);
  // Its token is as new as the app: what an administrator would make again.
  await sendCrash(portal, 'shop', await portal.newToken('shop'));
  await sendCrash(portal, 'shop', await portal.newToken('shop'));
  assert.deepEqual([await countOf(portal, 'blog'), await countOf(portal, 'shop')], [1, 2]);
});

test('an app whose node lacks its row, as the promoted standby of a node of Citus can, is stored again', async () => {
  await using server = await startPostgres();
  const url = await server.fresh();
  await using portal = await startTestPortal({ database: url });
  await sendCrash(portal, 'shop', portal.token);
  const database = open([url]);
  await database.deleteFrom('app_activity').execute();
  await database.destroy();
  await sendCrash(portal, 'shop', portal.token);
  assert.equal(await countOf(portal, 'shop'), 2);
  assert.equal((await portal.store.changeCounters(['shop'])).size, 1);
});

test('a connection that turns out to be read-only, or silent, is not used again', async () => {
  await using server = await startPostgres();
  const url = await server.fresh();
  let lost = 0;
  const database = open([url], { query_timeout: 500 }, () => {
    lost++;
  });
  try {
    const pid = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database)).rows[0]?.pid;
    const first = await pid();
    assert.equal(await pid(), first);
    await sql`set default_transaction_read_only = on`.execute(database);
    await assert.rejects(sql`create table t (n integer)`.execute(database), { code: '25006' });
    const second = await pid();
    assert.notEqual(second, first);
    await sql`create table t (n integer)`.execute(database);
    await assert.rejects(sql`select pg_sleep(60)`.execute(database), /timeout/);
    assert.notEqual(await pid(), second);
    await assert.rejects(
      database.transaction().execute((transaction) => sql`select pg_sleep(60)`.execute(transaction)),
      /timeout|terminated|not queryable/i,
    );
    assert.ok((await pid()) !== undefined);
    assert.equal(lost >= 3, true);
  } finally {
    await database.destroy();
  }
});
