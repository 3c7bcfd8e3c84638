import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session, SessionRecord } from '../model/session.ts';
import { monitorState } from './monitor-state.ts';
import { EMPTY_POLICY_STATE } from './policy-state.ts';
import { sessionState } from './session-state.ts';

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
  assert.deepEqual(stateAt(at(1)), { state: 'running', leftMs: 23 * HOUR, dumpsLeft: 2 });
  assert.equal(stateAt(at(24)).state, 'time');
});

test('a clock that jumps makes it no longer', () => {
  assert.equal(stateAt(at(24, { wallMs: START.wallMs - 9000 * HOUR })).state, 'time', 'set back, same boot');
  assert.equal(stateAt(at(1, { wallMs: START.wallMs + 30 * HOUR })).state, 'time', 'set forward');
  const later = { bootId: 'b', monotonicMs: 5 };
  assert.equal(stateAt(at(-9000, later)).state, 'time', 'set back before its start, another boot');
  assert.equal(stateAt(at(3, later)).leftMs, 21 * HOUR, 'a reboot does not end it');
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
