import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '../model/instant.ts';
import type { Session, SessionRecord } from '../model/session.ts';
import { renewedEnd } from './session-end.ts';
import { sessionState } from './session-state.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LASTS = 24 * HOUR;
const START: Instant = { wallMs: 1_800_000_000_000, monotonicMs: HOUR, bootId: 'a' };
const SESSION: Session = {
  ...{ id: '0123456789ab', startedAt: START, startedBy: 'ann', endsAtMs: START.wallMs + LASTS, maxDumps: 2 },
  ...{ store: '/dumps', recipient: null, keepMs: HOUR, maxDiskBytes: 1e9, stoppedAtMs: null },
};
const RECORD: SessionRecord = { session: SESSION, progress: null };

/** After so long, by a wall clock that was set by `setMs`. */
function after(ms: number, setMs = 0): Instant {
  return { wallMs: START.wallMs + ms + setMs, monotonicMs: START.monotonicMs + ms, bootId: 'a' };
}

function boot(wallMs: number, uptimeMs: number): Instant {
  return { wallMs, monotonicMs: uptimeMs, bootId: 'b' };
}

function reviewed(record: SessionRecord, now: Instant): SessionRecord {
  return { ...record, end: renewedEnd(record, now) ?? record.end ?? null };
}

test('however the clock is set within a boot, a session lasts exactly so long, and then stays over', () => {
  const steps = fc.array(
    fc.record({
      laterMs: fc.nat({ max: 8 * HOUR }),
      setMs: fc.integer({ min: -9000 * LASTS, max: 9000 * LASTS }),
    }),
  );
  fc.assert(
    fc.property(steps, (all) => {
      let record = RECORD;
      let sinceMs = 0;
      for (const { laterMs, setMs } of all) {
        sinceMs += laterMs;
        const now = after(sinceMs, setMs);
        assert.equal(sessionState(record, now).state, sinceMs < LASTS ? 'running' : 'time');
        record = reviewed(record, now);
        if (sinceMs >= LASTS)
          assert.equal(sessionState(record, boot(START.wallMs, HOUR)).state, 'time', 'after a reboot, too');
      }
    }),
  );
});

test('a clock that was set forward before a reboot, and is right after it, ends nothing', () => {
  const year = 365 * LASTS;
  const record = reviewed(RECORD, after(2 * HOUR, year));
  assert.equal(record.end?.expiresAtMs, START.wallMs + LASTS + year);
  const next = boot(START.wallMs + 3 * HOUR, 11 * MINUTE);
  assert.equal(sessionState(record, next).leftMs, 22 * HOUR);
});

test('where the clock is behind after a boot, what has passed counts', () => {
  const record = reviewed(RECORD, after(5 * HOUR));
  const early = boot(0, MINUTE);
  assert.equal(sessionState(record, early).leftMs, 19 * HOUR);
  assert.equal(renewedEnd(record, early), null, 'it can still be set');
  const late = boot(0, 10 * MINUTE);
  const then = reviewed(record, late);
  assert.deepEqual(then.end, { session: SESSION.id, expiresAtMs: 19 * HOUR, setAt: late });
});

test('where the clock is ahead after a boot, it is over for as long as that is so', () => {
  const wrong = boot(START.wallMs + 9 * LASTS, MINUTE);
  assert.equal(sessionState(RECORD, wrong).state, 'time');
  const record = reviewed(RECORD, wrong);
  assert.equal(sessionState(record, boot(START.wallMs + HOUR, 2 * MINUTE)).leftMs, 23 * HOUR);
  const late = boot(START.wallMs + 9 * LASTS, 10 * MINUTE);
  assert.deepEqual(reviewed(RECORD, late).end?.overAt, late);
});

test('the end of an earlier session says nothing', () => {
  const end = { session: 'ba9876543210', expiresAtMs: START.wallMs, setAt: START, overAt: START };
  assert.equal(sessionState({ ...RECORD, end }, after(HOUR)).leftMs, 23 * HOUR);
});
