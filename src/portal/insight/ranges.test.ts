import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clockWords, dayWords, minuteWords } from './clock-words.ts';
import { niceScale } from './nice-scale.ts';
import { axisMoments, RANGES, rangeChoice, timeRange } from './ranges.ts';

const NOW = Date.UTC(2026, 10, 25, 8, 47, 13);

test('a range ends with the bucket that is running, and is whole buckets long', () => {
  for (const range of RANGES) {
    const { fromMs, toMs } = timeRange(range, NOW);
    assert.equal(toMs - fromMs, range.ms, range.name);
    assert.equal(toMs % range.bucketMs, 0, range.name);
    assert.ok(toMs > NOW && toMs - NOW <= range.bucketMs, range.name);
    const moments = axisMoments({ fromMs, toMs });
    assert.ok(moments.length >= 2 && moments.length <= 6, `${range.name}: ${moments.length} labels`);
    assert.ok(moments.every((at) => at >= fromMs && at < toMs));
  }
  assert.equal(rangeChoice('7d').name, '7d');
  assert.equal(rangeChoice('constructor').name, '15d');
  assert.equal(rangeChoice(undefined).name, '15d');
});

test('a scale is round, holds its highest bar and has few lines', () => {
  assert.deepEqual(niceScale(0), { max: 1, lines: [1] });
  assert.deepEqual(niceScale(10), { max: 10, lines: [5, 10] });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (most) => {
      const { max, lines } = niceScale(most);
      assert.ok(max >= most && max <= Math.max(4, 2.5 * most));
      assert.ok(lines.length >= 1 && lines.length <= 5);
      assert.ok(lines.every((line) => Number.isInteger(line) && line > 0 && line <= max));
    }),
  );
});

test('clocks say the day where it is not today, and the year where it is another', () => {
  assert.equal(clockWords(NOW), '2026-11-25 08:47:13 UTC');
  assert.equal(minuteWords(NOW), '2026-11-25 08:47 UTC');
  assert.equal(dayWords(Date.UTC(2025, 11, 31), NOW), '31 Dec 2025');
});
