import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRetryAfter, retryDelayMs } from './retry-delay.ts';

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

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2026, 0, 1, 12);
  const cases: [string | undefined, number | null][] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['-1', null],
    ['1.5', null],
    ['soon', null],
    ['2026-01-01', null],
    ['Thu, 99 Jan 2026 12:00:30 GMT', null],
    ['', null],
    [undefined, null],
  ];
  for (const [header, expected] of cases) assert.equal(parseRetryAfter(header, now), expected, header);
});
