import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTime } from './times.ts';

test('local time is that of the time zone of the process', () => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const nowMs = Date.UTC(2026, 10, 5, 12);
  for (const agoMs of [0, 1_000, 3_600_000, 24 * 3_600_000, 120 * 24 * 3_600_000]) {
    assert.equal(
      localTime(nowMs - agoMs, { timeZone: undefined }, nowMs),
      localTime(nowMs - agoMs, { timeZone }, nowMs),
    );
  }
  assert.equal(localTime(nowMs, { timeZone: 'UTC' }, nowMs), '12:00:00');
  assert.equal(localTime(nowMs, { timeZone: 'Asia/Tokyo' }, nowMs + 6 * 3_600_000), '2026-11-05 21:00');
});
