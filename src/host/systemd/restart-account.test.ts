import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newAccount, RestartAccount } from './restart-account.ts';

const LATE_MS = 10;
/** Of an exit whose restart can have any number. */
const UNKNOWN = { atLeast: 0 };

/** So many runs ended unseen, once the journal cannot be late any more. */
function missedOf(account: RestartAccount): number {
  return account.missed(0, LATE_MS) + account.missed(LATE_MS, LATE_MS);
}

function account(restarts = 0): RestartAccount {
  return new RestartAccount(newAccount(restarts));
}

describe('restarts of a unit', () => {
  test('those that follow no exit that was reported are a number, and only once', () => {
    const cases: [string, (one: RestartAccount) => void, number][] = [
      ['none', () => {}, 0],
      ['the journal has all', (one) => one.counts(3, false) ?? one.logged([1, 2, 3]), 0],
      ['the journal has none', (one) => one.counts(3, false), 3],
      ['the journal has some', (one) => one.counts(3, false) ?? one.logged([2]), 2],
      ['one is of an exit without a number', (one) => one.counts(3, false) ?? one.exited('a', UNKNOWN), 2],
      ['one follows an exit', (one) => one.exited('a', { number: 1 }) ?? one.counts(2, false), 1],
      ['the next is not counted yet', (one) => one.exited('a', { number: 1 }), 0],
      ['a stop is followed by none', (one) => one.exited('a', null) ?? one.counts(1, false), 1],
      [
        'an exit of which more is known later explains one',
        (one) => one.exited('a', UNKNOWN) ?? one.exited('a', { number: 2 }) ?? one.counts(2, false),
        1,
      ],
      [
        'nor does one that is reported again explain another one',
        (one) => one.exited('a', { number: 1 }) ?? one.exited('a', UNKNOWN) ?? one.counts(2, false),
        1,
      ],
      [
        'an exit explains no restart before it',
        (one) => one.exited('a', { atLeast: 3 }) ?? one.counts(2, false),
        2,
      ],
    ];
    for (const [what, happens, expected] of cases) {
      const one = account();
      happens(one);
      assert.equal(missedOf(one), expected, what);
      assert.equal(missedOf(one), 0, what);
    }
  });

  test('the journal can be late', () => {
    const one = account();
    one.counts(2, false);
    assert.equal(one.missed(0, LATE_MS), 0);
    one.logged([1, 2]);
    assert.equal(one.missed(1, LATE_MS), 0);
  });

  test('a manual start counts from 0 again', () => {
    const one = account(7);
    one.counts(2, false);
    one.logged([6, 7]);
    one.logged([1, 2]);
    assert.equal(missedOf(one), 0);
    const unseen = account(7);
    unseen.counts(2, false);
    assert.equal(missedOf(unseen), 2);
    const early = account(7);
    early.counts(9, false);
    early.logged([8, 9, 1]);
    assert.equal(missedOf(early), 0, 'the journal shows it first');
    early.counts(1, false);
    assert.equal(missedOf(early), 0);
  });

  test('a crash before a manual start explains no restart after it', () => {
    const one = account();
    one.exited('a', { number: 1 });
    one.counts(0, true);
    one.counts(1, false);
    assert.equal(missedOf(one), 1);
  });

  test('what is not settled yet keeps the exits that explain it', () => {
    const one = account();
    one.counts(1, false);
    assert.equal(one.missed(0, LATE_MS), 0);
    one.counts(3, false);
    for (const id of ['a', 'b']) one.exited(id, { atLeast: 2 });
    assert.equal(one.missed(LATE_MS, LATE_MS), 1);
    assert.equal(missedOf(one), 0);
  });

  test('an exit whose restart comes later explains no other one', () => {
    const one = account();
    one.exited('a', UNKNOWN);
    const next = new RestartAccount(one.toStored());
    next.counts(2, false);
    next.logged([1]);
    next.numbered(new Set(['a']));
    assert.equal(missedOf(next), 1);
  });

  test('the next agent knows what was reported', () => {
    const one = account();
    one.counts(2, false);
    one.exited('b', { number: 2 });
    const stored = { restarts: 0, explained: [2], ended: ['b'], unnumbered: [], now: 2 };
    assert.deepEqual(one.toStored(), stored);
    const next = new RestartAccount(one.toStored());
    assert.equal(next.isExplained, false);
    next.counts(2, false);
    assert.equal(missedOf(next), 1);
  });

  test('of exits that are not read again, the newest are remembered', () => {
    const one = account();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) one.exited(id, null);
    one.read(new Set(['a', 'd']));
    assert.deepEqual(one.ended, ['b', 'c', 'd', 'e']);
  });
});
