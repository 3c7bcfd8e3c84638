import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { retryDelayMs } from './retry-delay.ts';

test('the wait is anything up to a bound that doubles from a second to a minute', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => retryDelayMs(failures, null, 1));
  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(retryDelayMs(9, null, 0), 0);
});

test('what the receiver asks for is kept, spread a little, and at most about an hour', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat({ max: 3_600_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, ms, random) => {
        const wait = retryDelayMs(failures + 1, ms, random);
        assert.ok(wait >= ms && wait <= ms * 1.25);
      },
    ),
  );
  assert.equal(retryDelayMs(1, 1e12, 0), 3_600_000);
});
