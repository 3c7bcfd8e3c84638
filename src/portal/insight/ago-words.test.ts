import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoWords } from './ago-words.ts';

test('how long ago is rounded down, also for what lies ahead', () => {
  const now = 10 * 86_400_000;
  const ago = (ms: number) => agoWords(now - ms, now);
  assert.deepEqual([0, 9_999, 59_999, 61_000, 3_600_000, 47 * 3_600_000, 49 * 3_600_000].map(ago), [
    'just now',
    'just now',
    '59 seconds ago',
    '1 minute ago',
    '1 hour ago',
    '47 hours ago',
    '2 days ago',
  ]);
  assert.equal(ago(-7_200_000), 'in 2 hours');
});
