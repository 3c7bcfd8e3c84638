import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account, Grant } from '../../store/access/access-store.ts';
import { accessWords } from './grant-words.ts';
import { isOwner, mayAdminister, mayView, visibleApps } from './roles.ts';

const account = (...grants: Grant[]): Account => ({
  ...{ id: 'x', name: 'x', createdAtMs: 0, lastSignInMs: null },
  grants,
});

test('what each role may', () => {
  const stranger = account();
  const viewer = account({ app: 'shop', role: 'viewer' });
  const admin = account({ app: 'shop', role: 'admin' }, { app: 'blog', role: 'viewer' });
  const everywhere = account({ app: '*', role: 'viewer' }, { app: 'shop', role: 'admin' });
  const owner = account({ app: '*', role: 'admin' }, { app: 'shop', role: 'viewer' });
  const table = [stranger, viewer, admin, everywhere, owner].map((each) => [
    ...[mayView(each, 'shop'), mayView(each, 'blog'), mayView(each, 'new')],
    ...[mayAdminister(each, 'shop'), mayAdminister(each, 'blog'), isOwner(each)],
  ]);
  assert.deepEqual(table, [
    [false, false, false, false, false, false],
    [true, false, false, false, false, false],
    [true, true, false, true, false, false],
    [true, true, true, true, false, false],
    [true, true, true, true, true, true],
  ]);
  assert.deepEqual([stranger, viewer, everywhere].map(visibleApps), [[], ['shop'], '*']);
  assert.deepEqual([stranger, viewer, admin, everywhere, owner].map(accessWords), [
    'no apps',
    'viewer of shop',
    'admin of shop and viewer of blog',
    'viewer of all apps and admin of shop',
    'owner of the portal',
  ]);
});
