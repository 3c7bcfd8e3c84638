import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnitAccounts } from './unit-accounts.ts';

const LATE_MS = 10;
const BOOT = 'b';
const SHOP = { unit: 'shop.service', bootId: BOOT };

/** So many runs ended unseen, once the journal cannot be late any more. */
function missedOf(accounts: UnitAccounts, restarts: ReadonlyMap<string, readonly number[]> = new Map()) {
  accounts.logged({ restarts, restarted: new Set<string>() });
  if (!accounts.review(0, LATE_MS)) assert.ok(accounts.review(LATE_MS, LATE_MS));
  return accounts.takeMissed();
}

/** With these units known. */
function accountsOf(...units: [unit: string, restarts: number][]): UnitAccounts {
  const accounts = new UnitAccounts(BOOT);
  for (const [unit, restarts] of units) accounts.open(unit, restarts);
  accounts.sawAll(new Set(units.map(([unit]) => unit)));
  return accounts;
}

/** The accounts of the next agent. */
const next = (accounts: UnitAccounts, bootId = BOOT) =>
  new UnitAccounts(bootId, JSON.parse(JSON.stringify(accounts.toStored())));

test('what ended unseen of a unit that systemd forgets is counted all the same, once, also by the next agent', () => {
  const accounts = accountsOf(['shop.service', 0]);
  accounts.exited(SHOP, 'a', { number: 1 });
  accounts.counts('shop.service', 4, false);
  accounts.forget('shop.service');
  assert.equal(accounts.isExplained, false);
  for (const one of [next(accounts), accounts]) {
    assert.deepEqual(missedOf(one), [['shop.service', 3]]);
    assert.equal(one.isExplained, true);
    assert.deepEqual(missedOf(one), []);
  }
});

test('what the journal has of it is not counted', () => {
  const accounts = accountsOf(['shop.service', 0]);
  accounts.counts('shop.service', 4, false);
  accounts.forget('shop.service');
  accounts.exited(SHOP, 'b', { atLeast: 0 });
  assert.deepEqual(missedOf(accounts, new Map([['b/shop.service', [1, 2]]])), [['shop.service', 1]]);
});

test('a unit of which all is explained leaves nothing', () => {
  const accounts = accountsOf(['shop.service', 0]);
  accounts.exited(SHOP, 'a', { number: 1 });
  accounts.counts('shop.service', 1, false);
  accounts.forget('shop.service');
  assert.equal(accounts.isExplained, true);
  assert.deepEqual(accounts.toStored(), { bootId: BOOT, units: {}, isComplete: true, closed: [] });
});

test('a manual start counts from 0 again: what is missing before goes on apart', () => {
  const accounts = accountsOf(['shop.service', 0]);
  accounts.counts('shop.service', 1, false);
  accounts.counts('shop.service', 0, false);
  accounts.forget('shop.service');
  accounts.open('shop.service', 0).exited('b', { number: 1 });
  accounts.counts('shop.service', 1, false);
  assert.deepEqual(missedOf(accounts), [['shop.service', 1]]);
});

test('what happened before crashmon came first is not its concern; what happened while it was away is', () => {
  const accounts = new UnitAccounts(BOOT);
  accounts.open('shop.service', 5);
  const early = next(accounts);
  early.open('shop.service', 6);
  early.counts('shop.service', 6, false);
  early.open('loop.service', 7);
  assert.deepEqual(missedOf(early), [['shop.service', 1]]);
  accounts.sawAll(new Set(['shop.service', 'loop.service']));
  // It changed too fast to be read.
  accounts.open('loop.service', 7);
  assert.deepEqual(missedOf(accounts), []);
  accounts.open('new.service', 2);
  accounts.counts('new.service', 2, false);
  const away = next(accounts);
  away.open('newer.service', 3);
  away.counts('newer.service', 3, false);
  away.sawAll(new Set(['newer.service']));
  assert.deepEqual(missedOf(away), [
    ['newer.service', 3],
    ['new.service', 2],
  ]);
});

test('an agent that is killed before it saw its units leaves their accounts to the next one', () => {
  const accounts = accountsOf(['shop.service', 5]);
  const after = next(next(accounts));
  after.open('shop.service', 7);
  after.counts('shop.service', 7, false);
  assert.deepEqual(missedOf(after), [['shop.service', 2]]);
});

test('a unit that went meanwhile', () => {
  const accounts = accountsOf(['shop.service', 5]);
  accounts.counts('shop.service', 6, false);
  const after = next(accounts);
  after.sawAll(new Set());
  assert.deepEqual(missedOf(after), [['shop.service', 1]]);
});

test('after a reboot systemd counts from 0, and the journal has both', () => {
  const accounts = accountsOf(['shop.service', 0]);
  accounts.counts('shop.service', 2, false);
  const after = next(accounts, 'c');
  after.open('shop.service', 3);
  after.counts('shop.service', 3, false);
  const logged = new Map([
    ['b/shop.service', [1]],
    ['c/shop.service', [2, 3]],
  ]);
  assert.deepEqual(missedOf(after, logged), [['shop.service', 2]]);
});
