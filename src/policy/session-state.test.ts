import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session, SessionRecord } from '../model/session.ts';
import { monitorState } from './monitor-state.ts';
import { EMPTY_POLICY_STATE } from './policy-state.ts';
import { isInSession, sessionState } from './session-state.ts';

const HOUR = 3_600_000;
const START = { wallMs: 1000 * HOUR, monotonicMs: HOUR, bootId: 'a' };
const SESSION: Session = {
  ...{ id: '0123456789ab', startedAt: START, startedBy: 'ann', endsAtMs: START.wallMs + 24 * HOUR },
  ...{ maxDumps: 2, store: '/dumps', recipient: null, keepMs: HOUR, maxDiskBytes: 1e9, stoppedAtMs: null },
};

function at(hours: number, more: object = {}) {
  const now = {
    ...START,
    wallMs: START.wallMs + hours * HOUR,
    monotonicMs: START.monotonicMs + hours * HOUR,
  };
  return { ...now, ...more };
}

const stateAt = (now: typeof START, record: Partial<SessionRecord> = {}) =>
  sessionState({ session: SESSION, progress: null, ...record }, now);

test('it runs until its time is over', () => {
  const endsAtMs = SESSION.endsAtMs;
  assert.deepEqual(stateAt(at(1)), { state: 'running', leftMs: 23 * HOUR, endsAtMs, dumpsLeft: 2 });
  assert.equal(stateAt(at(24)).state, 'time');
});

test('within one boot the wall clock changes nothing, wherever it is set', () => {
  for (const setTo of [-9000, 0, 9000]) {
    const wallMs = START.wallMs + setTo * HOUR;
    assert.equal(stateAt(at(1, { wallMs })).leftMs, 23 * HOUR);
    assert.equal(stateAt(at(24, { wallMs })).state, 'time');
  }
});

test('a reboot does not end it, also where the clock is behind', () => {
  const later = { bootId: 'b', monotonicMs: 5 };
  assert.equal(stateAt(at(3, later)).leftMs, 21 * HOUR);
  assert.equal(stateAt(at(-9000, later)).leftMs, 24 * HOUR);
  assert.equal(stateAt(at(24, later)).state, 'time');
});

test('a crash was in it by the order in which both were, not by a clock that was set in between', () => {
  const died = (diedAt: typeof START, end: SessionRecord['end'] = null, bootId = 'a') =>
    isInSession({ session: SESSION, progress: null, end }, { diedAt, process: { role: 'main' } }, bootId);
  const wallMs = START.wallMs - 9000 * HOUR;
  assert.equal(died(at(1)), true);
  assert.equal(died(at(-0.5)), false, 'before its start');
  assert.equal(died(at(1, { wallMs })), true);
  assert.equal(died(at(-0.5, { wallMs: START.wallMs + HOUR })), false);
  assert.equal(died(at(24)), false, 'after its end');
  const later = { bootId: 'b', monotonicMs: HOUR };
  assert.equal(died(at(-9000, later), null, 'b'), true, 'the clock of this boot is behind');
  assert.equal(died(at(3, { bootId: 'b' })), false, 'of the boot before that of the start');
  const setAt = at(3, { wallMs: START.wallMs - 9000 * HOUR });
  const end = { session: SESSION.id, expiresAtMs: setAt.wallMs + 21 * HOUR, setAt };
  assert.equal(died(at(2), end), true, 'before the end was set again');
  assert.equal(died(at(23.9), { ...end, overAt: at(24.1) }), true, 'seen after the end');
  assert.equal(died(at(25, later), { ...end, overAt: at(24.1) }, 'b'), false);
});

test('it ends by count and manually', () => {
  const progress = { session: SESSION.id, kept: ['a', 'b'], refused: null };
  assert.equal(stateAt(at(1), { progress }).state, 'count');
  assert.equal(stateAt(at(1), { progress: { ...progress, session: 'another' } }).dumpsLeft, 2);
  assert.equal(stateAt(at(1), { session: { ...SESSION, stoppedAtMs: 1 } }).state, 'stopped');
});

test('while it runs the app is armed, also without crashes and while it cools down, unless disarmed', () => {
  const settings = { armAfter: 3, windowMs: 24 * HOUR, cooldownMs: 8 * HOUR };
  const state = { ...EMPTY_POLICY_STATE, lastCapture: START, session: { session: SESSION, progress: null } };
  const stateOf = (more: object, now = at(1), disabled = false) =>
    monitorState({ settings, state: { ...state, ...more }, disabled }, now).state;
  assert.equal(stateOf({}), 'armed');
  assert.equal(stateOf({}, at(24)), 'watching');
  assert.equal(stateOf({ manual: 'disarmed' }), 'disabled');
  assert.equal(stateOf({}, at(1), true), 'disabled');
});
