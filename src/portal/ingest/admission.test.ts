import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission, type Lease } from './admission.ts';
import { Refusal } from './refusal.ts';

const bounds = { bytesInFlight: 100, requestsInFlight: 8, waitingRequests: 8, waitMs: 60_000 };
const isBusy = (error: unknown) => error instanceof Refusal && error.status === 503;
const release = (leases: readonly Lease[]) => {
  for (const lease of leases) lease.release();
};

test('what is announced holds nothing of others', async () => {
  const admission = new Admission(bounds);
  const mine = await admission.enter('a', 50);
  const waits = admission.enter('a', 50);
  const other = await admission.enter('b', 50);
  other.take(50);
  assert.deepEqual([admission.bytes, admission.requests, admission.waiting], [50, 2, 1]);
  assert.deepEqual([mine.isWaitedFor(), other.isWaitedFor()], [true, false]);
  mine.release();
  release([await waits, other]);
  assert.deepEqual([admission.bytes, admission.requests, admission.waiting], [0, 0, 0]);
});

test('a place is left for a token that has none, and tokens take turns', async () => {
  const admission = new Admission(bounds);
  const leases = [];
  for (let count = 0; count < 4; count++) leases.push(await admission.enter('a', 1));
  const order: string[] = [];
  const enter = async (token: string) => {
    const lease = await admission.enter(token, 1);
    order.push(token);
    return lease;
  };
  const rest = [enter('a'), enter('a')];
  for (const token of ['b', 'b', 'c']) leases.push(await admission.enter(token, 1));
  rest.push(enter('b'));
  assert.equal(admission.waiting, 3);
  release(leases);
  release(await Promise.all(rest));
  assert.deepEqual(order.toSorted(), ['a', 'a', 'b']);
  assert.ok(order.indexOf('b') < 2, 'the second of one token waits for the first of another');
  assert.deepEqual([admission.bytes, admission.requests, admission.waiting], [0, 0, 0]);
});

test('when memory is full, the token that holds most gives up its newest body', async () => {
  const admission = new Admission(bounds);
  const evicted: string[] = [];
  const hold = async (token: string, name: string, bytes: number) => {
    const lease = await admission.enter(token, 1);
    lease.evictable((refusal) => evicted.push(`${name} ${refusal.status}`));
    lease.take(bytes);
    return lease;
  };
  const leases = [await hold('a', 'old', 40), await hold('a', 'new', 40), await hold('b', 'small', 15)];
  leases.push(await hold('c', 'late', 20));
  assert.deepEqual(evicted, ['new 503']);
  assert.equal(admission.bytes, 75);
  await assert.rejects(hold('a', 'more', 40), isBusy);
  release(leases);
  assert.equal(admission.bytes, 0);
});

test('a complete body is not evicted', async () => {
  const admission = new Admission(bounds);
  const large = await admission.enter('a', 1);
  large.evictable(assert.fail);
  large.take(90);
  large.evictable(null);
  const small = await admission.enter('b', 1);
  assert.throws(() => small.take(20), isBusy);
  small.take(10);
  release([large, small]);
});

test('the only one gets in whatever its size, and makes room once', async () => {
  const admission = new Admission(bounds);
  const lease = await admission.enter('a', 1_000);
  lease.take(2_000);
  assert.equal(admission.bytes, 2_000);
  lease.release();
  lease.release();
  assert.deepEqual([admission.bytes, admission.requests], [0, 0]);
});

test('a full line, or a wait that is too long, is answered with a time to come again', async () => {
  const admission = new Admission({ ...bounds, requestsInFlight: 1, waitingRequests: 1, waitMs: 10 });
  const lease = await admission.enter('a', 1);
  const late = admission.enter('a', 1);
  for (const refused of [admission.enter('a', 1), late]) await assert.rejects(refused, isBusy);
  lease.release();
  (await admission.enter('a', 1)).release();
});
