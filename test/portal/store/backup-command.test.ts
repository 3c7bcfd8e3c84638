import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { crashmon } from '../../support/crashmon.ts';
import { startPostgres } from '../../support/portal/database.ts';
import { crashRecord, sent } from '../../support/portal/records.ts';
import { startPortalProcess, withStore } from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const CRASHES = 1_500;

test('crashmon portal backup and restore move a portal that runs, and never half of it', async () => {
  await using directory = await temporaryDirectory('backup');
  await using postgres = await startPostgres();
  const inside = (name: string) => path.join(directory.path, name);
  const portal = (args: readonly string[]) =>
    crashmon(['portal', ...args], { stateDir: inside('state'), deadlineMs: 120_000 });
  const place = { dataDir: inside('first') };
  const file = inside('portal.backup');

  const early = await portal(['backup', file, '--data-dir', inside('nothing')]);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /There is no portal in .*nothing: check --data-dir/);
  assert.equal(existsSync(inside('nothing')), false);

  {
    await using running = await startPortalProcess(place);
    const now = Date.now();
    await withStore(place, async (store) => {
      const uids = Array.from({ length: CRASHES }, (_, index) => `c${index}`);
      await store.write(uids.map((uid, index) => sent(crashRecord(uid, now - index * 60_000))));
    });
    const done = await portal(['backup', file, '--data-dir', place.dataDir]);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /^Backed up [\d,]+ rows to /);
    assert.equal((await fetch(`${running.url}/healthz`)).status, 200);
  }
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const first = readFileSync(file);

  const again = await portal(['backup', file, '--data-dir', place.dataDir]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /already exists: choose another name, or replace it with --force/);
  assert.deepEqual(readFileSync(file), first);
  const forced = await portal(['backup', '--force', file, '--data-dir', place.dataDir]);
  assert.equal(forced.code, 0, forced.stderr);

  const database = await postgres.fresh();
  const moved = await portal(['restore', file, '--database', database]);
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stdout, /^Restored [\d,]+ rows\. Start the portal/);
  await withStore({ dataDir: inside('unused'), database }, async (store) => {
    assert.equal((await store.apps('*', Date.now()))[0]?.days.at(-1) !== undefined, true);
    assert.notEqual(await store.crash('shop', `c${CRASHES - 1}`), null);
  });
  const twice = await portal(['restore', file, '--database', database]);
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /is in use: restore into a new one\. Nothing was changed/);

  writeFileSync(inside('cut'), gzipSync(gunzipSync(first).subarray(0, -40)));
  const cut = await portal(['restore', inside('cut'), '--data-dir', inside('second')]);
  assert.equal(cut.code, 1);
  assert.match(cut.stderr, /is not a complete backup of a portal\. Nothing was restored/);
  await withStore({ dataDir: inside('second') }, async (store) => {
    assert.deepEqual(await store.apps('*', Date.now()), []);
  });
  // The portal was started there once, and never used: its setup link makes way.
  {
    await using unused = await startPortalProcess({ dataDir: inside('second') });
    assert.notEqual(unused.setupLink, null);
  }
  const whole = await portal(['restore', file, '--data-dir', inside('second')]);
  assert.equal(whole.code, 0, whole.stderr);
  await withStore({ dataDir: inside('second') }, async (store) => {
    assert.notEqual(await store.crash('shop', 'c0'), null);
  });
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name.includes('partial')),
    [],
  );
});
