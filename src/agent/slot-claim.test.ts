import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AppClaim, claimOn, type SlotFacts } from './slot-claim.ts';

const MINE: AppClaim = { appRoot: '/srv/shop', named: false, commandHash: 'a' };
const NAMED: AppClaim = { ...MINE, named: true };

function claim(stored: AppClaim | null, mine: AppClaim, facts: Partial<SlotFacts> = {}) {
  return claimOn({ stored, gone: false, running: [], ...facts }, mine);
}

test('a derived name is that of one directory only', () => {
  assert.equal(claim(null, MINE), 'free');
  assert.equal(claim(MINE, MINE), 'same-command');
  assert.equal(claim({ ...MINE, commandHash: 'b' }, MINE), 'same-app');
  assert.equal(claim({ ...MINE, appRoot: '/srv/other' }, MINE), 'other-app');
  assert.equal(claim({ ...NAMED, appRoot: '/srv/other' }, MINE), 'other-app');
  assert.equal(claim({ ...MINE, appRoot: '/srv/other' }, NAMED), 'other-app');
});

test('a name that was given is the app’s, wherever it lives', () => {
  const before = { ...NAMED, appRoot: '/srv/releases/1', commandHash: 'b' };
  assert.equal(claim(before, NAMED), 'same-app');
  assert.equal(claim(before, NAMED, { running: ['b'] }), 'same-app');
});

test('a service is itself alone, and carries along what crashmon run stored under its name', () => {
  const shop = { ...NAMED, service: { id: 'systemd-user:1000:shop.service' } };
  const other = { ...NAMED, commandHash: 'b', service: { id: 'systemd-user:1001:shop.service' } };
  assert.equal(claim(shop, shop), 'same-command');
  assert.equal(claim(shop, other), 'other-app');
  assert.equal(claim({ ...NAMED, service: null }, other), 'same-app');
});

test('a link that a deploy turns leaves the app what it was', () => {
  const before = { ...MINE, appRoot: '/srv/releases/1', place: '/srv/current' };
  const after = { ...MINE, appRoot: '/srv/releases/2', place: '/srv/current' };
  assert.equal(claim(before, after), 'same-command');
  assert.equal(claim(before, { ...after, place: '/srv/other' }), 'other-app');
});

test('a worker is replaced only where the operator gave the name', () => {
  assert.equal(claim(MINE, MINE, { running: ['a'] }), 'same-command');
  assert.equal(claim(MINE, MINE, { running: ['b'] }), 'left-running');
  assert.equal(claim(NAMED, NAMED, { running: ['b'] }), 'same-command');
});

test('the slot of an app that is gone goes to the next of its name, but not with a worker in it', () => {
  const gone = { ...MINE, appRoot: '/srv/removed' };
  assert.equal(claim(gone, MINE, { gone: true }), 'free');
  assert.equal(claim(gone, MINE, { gone: true, running: ['a'] }), 'other-app');
});

test('a journal that does not say whether its name was given is carried along', () => {
  const { named: _, ...older } = MINE;
  assert.equal(claim(older, MINE), 'same-command');
  assert.equal(claim(older, { ...NAMED, appRoot: '/srv/releases/2' }), 'free');
  assert.equal(claim(older, { ...NAMED, appRoot: '/srv/releases/2' }, { running: ['a'] }), 'other-app');
  assert.equal(claim(older, { ...MINE, appRoot: '/srv/other' }), 'other-app');
});
