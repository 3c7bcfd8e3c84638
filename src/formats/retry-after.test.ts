import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRetryAfter } from './retry-after.ts';

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2026, 0, 1, 12);
  const cases: [string | undefined, number | null][] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['-1', null],
    ['1.5', 1500],
    ['1.', null],
    ['soon', null],
    ['2026-01-01', null],
    ['Thu, 99 Jan 2026 12:00:30 GMT', null],
    ['', null],
    [undefined, null],
  ];
  for (const [header, expected] of cases) assert.equal(parseRetryAfter(header, now), expected, header);
});
