import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { acquireSlot } from './slot.ts';

test('a second agent gets a slot of its own and a freed slot is taken again', () => {
  using stateDir = temporaryDirectory();
  const first = acquireSlot(stateDir.path, 'shop', 'web-1');
  using second = acquireSlot(stateDir.path, 'shop', 'web-1');
  using other = acquireSlot(stateDir.path, 'api', 'web-1');
  assert.deepEqual([first.instance, second.instance, other.instance], ['web-1', 'web-1~2', 'web-1']);
  first.release();
  first.release();
  using again = acquireSlot(stateDir.path, 'shop', 'web-1');
  assert.equal(again.instance, 'web-1');
  assert.equal(again.directory, join(stateDir.path, 'apps', 'shop', 'web-1'));
});

test('directories are for their owner only, also where they were not before', () => {
  using stateDir = temporaryDirectory();
  mkdirSync(join(stateDir.path, 'apps', 'shop', 'web-1'), { recursive: true, mode: 0o777 });
  using slot = acquireSlot(stateDir.path, 'shop', 'web-1');
  assert.equal(statSync(slot.directory).mode & 0o777, 0o700);
  assert.equal(statSync(join(slot.directory, 'lock.db')).mode & 0o777, 0o600);
});

test('a state directory that anyone may write to is refused, one like /tmp is not', () => {
  using stateDir = temporaryDirectory();
  chmodSync(stateDir.path, 0o777);
  assert.throws(() => acquireSlot(stateDir.path, 'shop', 'web-1'), {
    code: 'STATE_DIR_UNUSABLE',
    message: /chmod o-w/,
  });
  chmodSync(stateDir.path, 0o1777);
  acquireSlot(stateDir.path, 'shop', 'web-1').release();
});

test('links planted below the state directory are not followed', () => {
  using stateDir = temporaryDirectory();
  using elsewhere = temporaryDirectory();
  mkdirSync(join(stateDir.path, 'apps'));
  symlinkSync(elsewhere.path, join(stateDir.path, 'apps', 'shop'));
  const refusal = { code: 'STATE_DIR_UNUSABLE', message: /symbolic link/ };
  assert.throws(() => acquireSlot(stateDir.path, 'shop', 'web-1'), refusal);
  mkdirSync(join(stateDir.path, 'apps', 'api', 'web-1'), { recursive: true });
  symlinkSync(join(elsewhere.path, 'made'), join(stateDir.path, 'apps', 'api', 'web-1', 'lock.db'));
  assert.throws(() => acquireSlot(stateDir.path, 'api', 'web-1'), refusal);
});
