import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Attempt,
  backOffMs,
  claim,
  type Delivery,
  GIVE_UP_AFTER_MS,
  isDue,
  LEASE_MS,
  LONGEST_WAIT_MS,
  newDelivery,
  settle,
} from './retry.ts';

const START = 1_800_000_000_000;
const again: Attempt = { outcome: 'retry', why: 'later', retryAfterMs: null };

function claimed(delivery: Delivery, nowMs: number): Delivery {
  return claim(delivery, nowMs) ?? assert.fail('not due');
}

describe('a delivery', () => {
  test('that works', () => {
    const sending = claimed(newDelivery(START), START);
    assert.equal(sending.state, 'sending');
    const done = settle(sending, { attempt: 1, result: { outcome: 'delivered' } }, START + 5, 0);
    assert.deepEqual([done.state, done.endedMs, done.problem], ['delivered', START + 5, null]);
    assert.equal(claim(done, START + GIVE_UP_AFTER_MS), null);
  });

  test('belongs to one process while it is sent, and to any when the lease is over', () => {
    const sending = claimed(newDelivery(START), START);
    assert.equal(claim(sending, START + LEASE_MS - 1), null);
    assert.equal(claimed(sending, START + LEASE_MS).attempts, 2);
  });

  test('is not settled by who lost it, but a receipt counts', () => {
    const second = claimed(claimed(newDelivery(START), START), START + LEASE_MS);
    assert.equal(settle(second, { attempt: 1, result: again }, START + LEASE_MS, 0), second);
    assert.equal(settle(second, { attempt: 1, result: { outcome: 'failed', why: 'no' } }, START, 0), second);
    const done = settle(second, { attempt: 1, result: { outcome: 'delivered' } }, START + LEASE_MS, 0);
    assert.equal(done.state, 'delivered');
    assert.equal(settle(done, { attempt: 2, result: again }, START + LEASE_MS, 0), done);
  });

  test('that can never work is dead at once', () => {
    const dead = settle(
      claimed(newDelivery(START), START),
      { attempt: 1, result: { outcome: 'failed', why: 'gone' } },
      START,
      0,
    );
    assert.deepEqual([dead.state, dead.problem, dead.endedMs], ['dead', 'gone', START]);
    assert.ok(!isDue(dead, START + GIVE_UP_AFTER_MS));
  });

  test('is tried for a day, and is dead then', () => {
    let delivery = newDelivery(START);
    let nowMs = START;
    while (delivery.state !== 'dead') {
      nowMs = Math.max(nowMs, delivery.dueMs);
      const sending = claimed(delivery, nowMs);
      delivery = settle(sending, { attempt: sending.attempts, result: again }, nowMs, 0.5);
    }
    assert.ok(nowMs - START >= GIVE_UP_AFTER_MS && nowMs - START < GIVE_UP_AFTER_MS + LONGEST_WAIT_MS);
    assert.ok(delivery.attempts > 15 && delivery.attempts < 40, `${delivery.attempts} attempts`);
    assert.equal(delivery.problem, 'later');
  });

  test('that waited while everything was switched off is tried before it is dropped', () => {
    const late = START + 3 * GIVE_UP_AFTER_MS;
    const sending = claimed(newDelivery(START), late);
    assert.equal(settle(sending, { attempt: 1, result: again }, late, 0).state, 'retry');
  });

  test('does not wait for a clock that was set back', () => {
    const sending = claimed(newDelivery(START), START);
    const waiting = settle(sending, { attempt: 1, result: again }, START, 0);
    assert.ok(!isDue(waiting, START));
    assert.ok(isDue(waiting, START - 365 * 86_400_000));
    assert.ok(isDue(sending, START - 365 * 86_400_000));
  });

  test('that is to wait for the morning does', () => {
    assert.ok(!isDue(newDelivery(START + 10 * 3_600_000), START));
  });
});

describe('the wait', () => {
  test('grows, and what the recipient asks for counts where it is longer', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 60].map((attempts) => backOffMs(attempts, null, 0) / 1000),
      [30, 90, 270, 810, 2430, 3600, 3600],
    );
    assert.equal(backOffMs(1, 120_000, 0), 120_000);
    assert.equal(backOffMs(1, 1_000, 0), 30_000);
    assert.equal(backOffMs(1, 1e12, 0), 3_600_000);
  });

  test('is spread, and bounded', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.option(fc.nat(), { nil: null }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, asked, random) => {
          const wait = backOffMs(attempts, asked, random);
          return wait >= 30_000 && wait <= LONGEST_WAIT_MS;
        },
      ),
    );
  });
});
