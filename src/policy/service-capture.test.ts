import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitStatus } from '../model/exit.ts';
import type { Instant } from '../model/instant.ts';
import type { PolicyState } from '../model/policy.ts';
import { EMPTY_POLICY_STATE, withCapture, withCrash } from './policy-state.ts';
import { crashEndOf, type ServiceHistory, wantedCapture } from './service-capture.ts';

const HOUR = 3_600_000;
const settings = { armAfter: 3, windowMs: 24 * HOUR, cooldownMs: 8 * HOUR };
const at = (hours: number): Instant => ({
  ...{ wallMs: 1_700_000_000_000 + hours * HOUR, monotonicMs: hours * HOUR, bootId: 'boot' },
});

function afterCrashes(count: number): PolicyState {
  let state = EMPTY_POLICY_STATE;
  for (let hour = 0; hour < count; hour++) state = withCrash(state, settings, at(hour));
  return state;
}

function wanted(state: PolicyState, history: Partial<ServiceHistory> = {}, armAfter = settings.armAfter) {
  const input = { settings: { ...settings, armAfter }, state, disabled: false };
  return wantedCapture(
    input,
    { unsettled: 0, last: 'exit', runtime: 'node', isExitWatched: false, ...history },
    at(4),
  );
}

test('a fault or an abort is a signal, an exit code is an exit; a stop and a kill say nothing', () => {
  const signal = (name: string): ExitStatus => ({ type: 'signal', signal: name });
  const code = (number: number): ExitStatus => ({ type: 'code', code: number });
  for (const status of [signal('SIGSEGV'), signal('SIGABRT'), signal('SIGSYS'), code(139), code(134)])
    assert.equal(crashEndOf(status), 'signal');
  for (const status of [code(1), code(128), code(255)]) assert.equal(crashEndOf(status), 'exit');
  for (const status of [signal('SIGKILL'), signal('SIGTERM'), code(0), code(143), code(137)])
    assert.equal(crashEndOf(status), null);
  assert.equal(crashEndOf({ type: 'unknown' }), null);
});

test('the newest crash decides what is attached: exits of Node.js the exit watch, signals a debugger', () => {
  const four = afterCrashes(4);
  assert.equal(wanted(four), 'exit-watch');
  assert.equal(wanted(four, { last: 'signal' }), 'debugger');
  assert.equal(wanted(four, { last: null }), 'exit-watch');
  assert.equal(wanted(four, { last: null, runtime: null }), 'exit-watch');
  for (const runtime of ['native', 'python', 'rust', null] as const) {
    assert.equal(wanted(four, { last: 'signal', runtime }), 'debugger');
  }
  assert.equal(wanted(EMPTY_POLICY_STATE, { last: null, runtime: 'python' }, 0), 'debugger');
  assert.equal(wanted(afterCrashes(3), { last: 'signal' }), null);
});

test('in a session a debugger is attached, also before the first crash, unless exceptions end a Node.js service', () => {
  const session = {
    ...{ id: '0123456789ab', startedAt: at(3), startedBy: 'ann', endsAtMs: at(27).wallMs, maxDumps: 1 },
    ...{ store: '/dumps', recipient: null, keepMs: HOUR, maxDiskBytes: 1e9, stoppedAtMs: null },
  };
  const inSession: PolicyState = { ...EMPTY_POLICY_STATE, session: { session, progress: null } };
  assert.equal(wanted(inSession, { last: null }), 'debugger');
  assert.equal(wanted(inSession, { runtime: 'python' }), 'debugger');
  assert.equal(wanted(inSession, { last: 'exit' }), 'exit-watch');
  assert.equal(wanted({ ...inSession, manual: 'disarmed' }), null);
});

test('where the exit watch has to be the tracer, no debugger is attached to Node.js', () => {
  const four = afterCrashes(4);
  const session = {
    ...{ id: '0123456789ab', startedAt: at(3), startedBy: 'ann', endsAtMs: at(27).wallMs, maxDumps: 1 },
    ...{ store: '/dumps', recipient: null, keepMs: HOUR, maxDiskBytes: 1e9, stoppedAtMs: null },
  };
  const inSession: PolicyState = { ...EMPTY_POLICY_STATE, session: { session, progress: null } };
  for (const state of [four, inSession])
    for (const last of [null, 'exit', 'signal'] as const)
      assert.equal(wanted(state, { last, isExitWatched: true }), 'exit-watch');
  assert.equal(wanted(inSession, { runtime: 'native', last: null, isExitWatched: true }), 'debugger');
});

test('exits of other runtimes are explained by what they print: a debugger only if asked for', () => {
  const python = { why: 'only-watched', runtime: 'python', code: null } as const;
  const explained = { ...afterCrashes(4), noCapture: python };
  assert.equal(wanted(explained, { runtime: 'python' }), null);
  assert.equal(wanted({ ...explained, manual: 'armed' }, { runtime: 'python' }), 'debugger');
  // Not settled yet.
  assert.equal(wanted(afterCrashes(2), { unsettled: 2, runtime: 'python' }), null);
  assert.equal(wanted(explained, { unsettled: 1, last: 'signal', runtime: 'python' }), 'debugger');
});

test('something is attached where unsettled exits could arm; what kept it from being watched is tried again', () => {
  const three = afterCrashes(3);
  assert.deepEqual([wanted(three), wanted(three, { unsettled: 1 })], [null, 'exit-watch']);
  const refused = { why: 'not-permitted', runtime: 'node', code: null } as const;
  const four = afterCrashes(4);
  assert.equal(wanted({ ...four, noCapture: refused }), 'exit-watch');
  assert.equal(
    wanted({ ...four, noCapture: { ...refused, why: 'no-debugger' } }, { last: 'signal' }),
    'debugger',
  );
  assert.equal(wanted({ ...four, noCapture: { ...refused, why: 'oom-kill' } }), null);
  assert.equal(wanted({ ...four, manual: 'disarmed' }, { unsettled: 1 }), null);
  assert.equal(wanted(withCapture(four, at(4)), { unsettled: 5 }), null);
});
