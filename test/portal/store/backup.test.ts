import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { backupStore } from '../../../src/portal/store/backup/backup-store.ts';
import { restoreStore } from '../../../src/portal/store/backup/restore-store.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import { startPostgres } from '../../support/portal/database.ts';
import {
  captureRecord,
  crashRecord,
  heartbeatRecord,
  sent,
  stateRecord,
} from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

test('a backup goes from SQLite to PostgreSQL and back, and both go on', async () => {
  await using directory = await temporaryDirectory('store');
  await using postgres = await startPostgres();
  const inside = (name: string) => path.join(directory.path, name);
  const settings = (name: string, databaseUrl: string | null = null) => ({
    databaseUrl,
    dataDir: inside(name),
    retentionDays: 90,
  });
  const now = Date.now();
  const first = settings('first');
  const store = await openPortalStore(first);
  await store.write([
    ...Array.from({ length: 2_300 }, (_, index) => sent(crashRecord(`c${index}`, now - index * 600_000))),
    sent(captureRecord('c1', now)),
    sent(captureRecord('before its crash', now)),
    sent(heartbeatRecord('h', now)),
    sent(stateRecord('s', now)),
    sent({ type: 'loss', uid: 'l', atMs: now, count: 3 }),
  ]);
  const account = {
    name: 'Ann',
    passwordHash: 'x',
    grants: [{ app: '*', role: 'admin' as const }],
    atMs: now,
  };
  await store.createAccount(account);
  await store.createToken({ app: 'shop', label: 'web', secretHash: 't', by: 'Ann', atMs: now });
  await store.audit({ atMs: now, who: 'Ann', what: 'token', app: 'shop', detail: 'web' });
  // While it is open, as beside a portal that runs.
  await backupStore(first, inside('one'));
  await store.close();
  assert.equal(statSync(inside('one')).mode & 0o777, 0o600);

  const second = settings('unused', await postgres.fresh());
  await restoreStore(second, inside('one'));
  await backupStore(second, inside('two'));
  const third = settings('third');
  await restoreStore(third, inside('two'));
  await backupStore(third, inside('three'));
  const text = (name: string) => gunzipSync(readFileSync(inside(name))).toString();
  assert.equal(text('two'), text('one'));
  assert.equal(text('three'), text('one'));

  for (const restored of [second, third]) {
    const again = await openPortalStore(restored);
    try {
      assert.equal((await again.crash('shop', 'c1'))?.exceptionType, 'TypeError');
      assert.deepEqual(await again.write([sent(crashRecord('c0', now))]), { crashes: 0, duplicates: 1 });
      await again.write([sent(crashRecord('new', now), { app: 'other' }), sent(crashRecord('new', now))]);
      assert.equal((await again.apps('*', now)).length, 2);
      await again.audit({ atMs: now, who: 'Ann', what: 'more', app: null, detail: '' });
      assert.deepEqual((await again.accountByName('ANN'))?.grants, account.grants);
    } finally {
      await again.close();
    }
    await assert.rejects(restoreStore(restored, inside('one')), /is in use/);
  }

  writeFileSync(inside('cut'), gzipSync(text('one').slice(0, -20)));
  const fourth = settings('fourth');
  await assert.rejects(restoreStore(fourth, inside('cut')), { code: 'DATABASE_UNUSABLE' });
  const untouched = await openPortalStore(fourth);
  assert.deepEqual(await untouched.apps('*', now), []);
  await untouched.close();
  await assert.rejects(restoreStore(fourth, inside('missing')), { code: 'DATABASE_UNUSABLE' });
});
