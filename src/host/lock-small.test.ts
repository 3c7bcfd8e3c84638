import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { lockWithSqlite } from '../journal/slot.ts';
import { lockSmall } from './lock-small.ts';

test('a slot is held by one lock of either kind, until that is released', () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/lock.db`;
  writeFileSync(path, '');
  for (const [first, second] of [
    [lockSmall, lockWithSqlite],
    [lockWithSqlite, lockSmall],
    [lockSmall, lockSmall],
  ] as const) {
    const release = first(path);
    assert.ok(release !== null);
    assert.equal(second(path), null);
    release();
    release();
    const again = second(path);
    assert.ok(again !== null);
    again();
  }
});

test('a lock is one file descriptor, where it can be', () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/lock.db`;
  writeFileSync(path, '');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const release = lockSmall(path);
  assert.equal(open(), before + 1);
  assert.equal(lockSmall(path), null);
  assert.equal(open(), before + 1);
  release?.();
  assert.equal(open(), before);
});

test('what cannot be locked is an error as before', () => {
  using directory = temporaryDirectory();
  assert.throws(() => lockSmall(`${directory.path}/missing/lock.db`), { code: 'STATE_DIR_UNUSABLE' });
});
