import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromCrashTimes, toCrashTimes } from './crash-times.ts';

const instant = fc.record(
  {
    wallMs: fc.integer({ min: 0, max: 4e12 }),
    monotonicMs: fc.integer({ min: 0, max: 1e11 }),
    bootId: fc.constantFrom('', 'one', 'another'),
  },
  { noNullPrototype: true },
);

test('times of crashes are read as they were, of several boots and of clocks that were set', () => {
  fc.assert(
    fc.property(fc.array(instant), (crashes) => {
      const stored = JSON.parse(JSON.stringify(toCrashTimes(crashes)));
      assert.deepEqual(fromCrashTimes(stored), crashes);
    }),
  );
});
