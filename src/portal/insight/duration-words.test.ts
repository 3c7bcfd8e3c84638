import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoWords, durationWords } from './duration-words.ts';

test('lengths of time are exact where people set them, and short where they were measured', () => {
  const words = [
    0,
    840,
    1200,
    5000,
    90_000,
    5_400_000,
    28_800_000,
    86_400_000,
    604_800_000,
    3 * 3_600_000 + 1,
  ];
  assert.deepEqual(words.map(durationWords), [
    '0 seconds',
    '840 ms',
    '1.2 s',
    '5 s',
    '90 seconds',
    '90 minutes',
    '8 hours',
    '24 hours',
    '7 days',
    '3 hours',
  ]);
  assert.equal(durationWords(Number.NaN), '0 seconds');
});

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
