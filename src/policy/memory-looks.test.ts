import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideLook, type MemorySample } from './memory-looks.ts';

const MB = 1024 * 1024;

const sample = (atMs: number, usedMb: number): MemorySample => ({
  ...{ atMs, residentBytes: usedMb * MB },
  uses: [
    { of: 'cgroup', usedBytes: usedMb * MB, limitBytes: 100 * MB },
    { of: 'machine', usedBytes: 1, limitBytes: 1_000 * MB },
  ],
});

test('far from every limit it polls every two seconds, after short waits at the start', () => {
  const still = { before: sample(0, 30), now: sample(50, 30), look: null };
  assert.deepEqual(decideLook({ ...still, waitedMs: 50 }), { look: false, forget: false, waitMs: 100 });
  assert.equal(decideLook({ ...still, waitedMs: 1_900 }).waitMs, 2_000);
  assert.equal(decideLook({ ...still, now: sample(50, 80), before: null, waitedMs: 1_900 }).waitMs, 1_000);
  const unlimited = { ...sample(0, 0), uses: [] };
  assert.deepEqual(decideLook({ before: null, now: unlimited, waitedMs: 50, look: null }), {
    ...{ look: false, forget: false, waitMs: 100 },
  });
});

test('it looks at 90 % of any limit, and before that where memory grows so fast that the next poll could be too late', () => {
  const look = (from: number, to: number) =>
    decideLook({ before: sample(0, from), now: sample(1_000, to), waitedMs: 1_000, look: null });
  assert.equal(look(89, 89.5).look, false);
  assert.equal(look(89, 90).look, true);
  assert.equal(look(90, 85).look, false);
  // A third of the way to 90 % is left for two more polls.
  assert.deepEqual(look(30, 60), { look: false, forget: false, waitMs: 333 });
  const fast = { before: sample(0, 20), now: sample(50, 60), waitedMs: 50, look: null };
  assert.deepEqual(decideLook(fast), { look: true, forget: false, waitMs: 50 });
});

test('it looks again when more is used, at most a tenth of the time; and forgets what was no end', () => {
  const again = (atMs: number, usedMb: number, tookMs = 20) =>
    decideLook({
      ...{ before: sample(atMs - 1_000, usedMb), now: sample(atMs, usedMb), waitedMs: 1_000 },
      look: { atMs: 0, tookMs, share: 0.91 },
    });
  assert.equal(again(1_000, 92).look, false);
  assert.equal(again(1_000, 93).look, true);
  assert.equal(again(1_000, 93, 200).look, false);
  assert.equal(again(60_000, 91).look, true);
  assert.deepEqual([again(1_000, 80).forget, again(1_000, 74).forget], [false, true]);
});
