import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordWork } from './password-work.ts';

test('two run, 32 wait in order, more are refused; what fails gives its place back', async () => {
  const work = new PasswordWork();
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const results = Array.from({ length: 40 }, (_, at) =>
    work
      .run(async () => {
        running++;
        most = Math.max(most, running);
        order.push(at);
        await gate.promise;
        running--;
        if (at % 3 === 0) throw new Error('failed');
        return at;
      })
      .catch(() => 'failed'),
  );
  gate.resolve();
  const settled = await Promise.all(results);
  assert.equal(most, 2);
  assert.equal(settled.filter((each) => each === null).length, 6);
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.equal(order.length, 34);
  assert.equal(await work.run(async () => 'again'), 'again');
});
