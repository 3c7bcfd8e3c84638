import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '../model/instant.ts';
import { type Expiry, isOver, renewed } from './expiry.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KEEP = 7 * DAY;
const START: Instant = { wallMs: 1_800_000_000_000, monotonicMs: DAY, bootId: 'a' };
const KEPT: Expiry = { expiresAtMs: START.wallMs + KEEP, setAt: START };

/** After so long, by a wall clock that was set by `setMs`. */
function after(ms: number, setMs = 0): Instant {
  return { wallMs: START.wallMs + ms + setMs, monotonicMs: START.monotonicMs + ms, bootId: 'a' };
}

describe('when a dump is deleted', () => {
  test('within one boot the wall clock changes nothing, wherever it is set', () => {
    for (const setMs of [0, -10_000 * DAY, -DAY, DAY, 10_000 * DAY]) {
      assert.equal(isOver(KEPT, after(KEEP - 1, setMs)), false);
      assert.equal(isOver(KEPT, after(KEEP, setMs)), true);
    }
  });

  test('its end is renewed where the clock was set, and only there', () => {
    assert.equal(renewed(KEPT, after(DAY)), null);
    const now = after(DAY, 100 * DAY);
    assert.deepEqual(renewed(KEPT, now), { expiresAtMs: now.wallMs + 6 * DAY, setAt: now });
  });

  test('a later boot is not believed at once; then its clock counts, and one before the start is no start', () => {
    const boot = (wallMs: number, uptimeMs: number): Instant => ({
      wallMs,
      monotonicMs: uptimeMs,
      bootId: 'b',
    });
    const late = KEPT.expiresAtMs;
    assert.equal(isOver(KEPT, boot(late, MINUTE)), false);
    assert.equal(renewed(KEPT, boot(late, MINUTE)), null);
    assert.equal(isOver(KEPT, boot(late, 10 * MINUTE)), true);
    const soon = boot(START.wallMs + DAY, 10 * MINUTE);
    assert.deepEqual(renewed(KEPT, soon), { ...KEPT, setAt: soon });
    const before = boot(0, 10 * MINUTE);
    assert.equal(isOver(KEPT, before), false);
    assert.deepEqual(renewed(KEPT, before), { expiresAtMs: KEEP, setAt: before });
  });

  test('where no boot is known the wall clock is all there is', () => {
    const unknown = (wallMs: number): Instant => ({ wallMs, monotonicMs: 0, bootId: '' });
    assert.equal(isOver(KEPT, unknown(KEPT.expiresAtMs)), true);
    assert.equal(renewed(KEPT, unknown(START.wallMs + DAY)), null);
    assert.deepEqual(renewed(KEPT, unknown(0)), { expiresAtMs: KEEP, setAt: unknown(0) });
  });

  test('what a person deleted is over by any clock', () => {
    const now: Instant = { wallMs: 0, monotonicMs: 0, bootId: 'b' };
    assert.equal(isOver({ expiresAtMs: START.wallMs, setAt: START }, now), true);
  });

  test('however the clock is set within a boot, it is kept for exactly so long', () => {
    const steps = fc.array(
      fc.record({
        laterMs: fc.nat({ max: 2 * DAY }),
        setMs: fc.integer({ min: -9000 * DAY, max: 9000 * DAY }),
      }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        let expiry = KEPT;
        let sinceMs = 0;
        for (const { laterMs, setMs } of all) {
          sinceMs += laterMs;
          const now = after(sinceMs, setMs);
          assert.equal(isOver(expiry, now), sinceMs >= KEEP);
          expiry = renewed(expiry, now) ?? expiry;
        }
      }),
    );
  });
});
