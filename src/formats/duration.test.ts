import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

test('durations are read with their unit', () => {
  const read = ['0', '100ms', '30s', '1.5s', '10m', '24h', '7d'].map(parseDuration);
  assert.deepEqual(read, [0, 100, 30_000, 1500, 600_000, 86_400_000, 604_800_000]);
});

test('what is no duration is null', () => {
  for (const text of ['', '5', '-1s', '1 h', '1h30m', '1e3s', 'h', '400d', '9999999999999s', '0x1s']) {
    assert.equal(parseDuration(text), null, text);
  }
});

test('durations are written for people', () => {
  const written = [0, 840, 3200, 9000, 45_000, 240_000, 19_200_000, 86_400_000, 300_000_000].map(
    formatDuration,
  );
  assert.deepEqual(written, [
    '0 ms',
    '840 ms',
    '3.2 s',
    '9 s',
    '45 s',
    '4 min',
    '5 h 20 min',
    '24 h',
    '3 days',
  ]);
});

test('any text is read or refused, never thrown at', () => {
  fc.assert(fc.property(fc.string(), (text) => (parseDuration(text) ?? 0) >= 0));
});
