import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission } from './admission.ts';
import { Refusal } from './refusal.ts';

const bounds = { bytesInFlight: 100, requestsInFlight: 2, waitingRequests: 2, waitMs: 60_000 };

test('lets in what there is room for, the others in their order', async () => {
  const admission = new Admission(bounds);
  const first = await admission.enter(60);
  const order: string[] = [];
  const second = admission.enter(60).then((lease) => {
    order.push('second');
    return lease;
  });
  // It would fit, and does not overtake.
  const third = admission.enter(1).then((lease) => {
    order.push('third');
    return lease;
  });
  assert.equal(admission.waiting, 2);
  first.release();
  (await second).release();
  (await third).release();
  assert.deepEqual(order, ['second', 'third']);
  assert.deepEqual([admission.bytes, admission.requests, admission.waiting], [0, 0, 0]);
});

test('the only one gets in whatever its size, and makes room once', async () => {
  const admission = new Admission(bounds);
  const lease = await admission.enter(1_000);
  lease.resize(2_000);
  assert.equal(admission.bytes, 2_000);
  lease.release();
  lease.release();
  assert.deepEqual([admission.bytes, admission.requests], [0, 0]);
});

test('who finds the line full, or waits too long, is told to come again', async () => {
  const admission = new Admission({ ...bounds, requestsInFlight: 1, waitingRequests: 1, waitMs: 10 });
  const lease = await admission.enter(1);
  const late = admission.enter(1);
  const full = admission.enter(1);
  for (const refused of [full, late]) {
    await assert.rejects(refused, (error) => error instanceof Refusal && error.status === 503);
  }
  lease.release();
  (await admission.enter(1)).release();
});
