import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '../model/instant.ts';
import type { PolicySettings, PolicyState } from '../model/policy.ts';
import { monitorState, wantsMoreWords } from './monitor-state.ts';
import { EMPTY_POLICY_STATE, REMEMBERED_CRASHES, rebased, withCapture, withCrash } from './policy-state.ts';

const HOUR = 3_600_000;
const settings: PolicySettings = { armAfter: 3, windowMs: 24 * HOUR, cooldownMs: 8 * HOUR };

function at(hours: number, boot = 'boot-1', wallShiftHours = 0): Instant {
  return {
    wallMs: 1_700_000_000_000 + (hours + wallShiftHours) * HOUR,
    monotonicMs: 50 * HOUR + hours * HOUR,
    bootId: boot,
  };
}

function afterCrashes(...hours: number[]): PolicyState {
  return hours.reduce((state, hour) => withCrash(state, settings, at(hour)), EMPTY_POLICY_STATE);
}

function stateAt(state: PolicyState, now: Instant, over: Partial<PolicySettings> = {}, disabled = false) {
  return monitorState({ settings: { ...settings, ...over }, state, disabled }, now);
}

test('the fourth crash within the window arms, the third does not', () => {
  assert.equal(stateAt(afterCrashes(0, 1, 2), at(2)).state, 'watching');
  assert.deepEqual(stateAt(afterCrashes(0, 1, 2, 3), at(3)), {
    state: 'armed',
    crashesInWindow: 4,
    cooldownUntilMs: null,
    noCapture: null,
  });
});

test('a crash leaves the window exactly after its length', () => {
  const state = afterCrashes(0, 1, 2, 3);
  assert.equal(stateAt(state, at(23.999)).state, 'armed');
  assert.equal(stateAt(state, at(24)).state, 'watching');
  assert.equal(stateAt(state, at(24)).crashesInWindow, 3);
});

test('after a capture it cools down, counts on, and arms again if the window still holds enough', () => {
  let state = withCapture(afterCrashes(0, 1, 2, 3, 4), at(4));
  assert.deepEqual(stateAt(state, at(5)), {
    state: 'cooling-down',
    crashesInWindow: 5,
    cooldownUntilMs: at(12).wallMs,
    noCapture: null,
  });
  state = withCrash(state, settings, at(6));
  assert.equal(stateAt(state, at(11.9)).state, 'cooling-down');
  assert.equal(stateAt(state, at(12)).state, 'armed');
  assert.equal(stateAt(state, at(25.5)).state, 'armed');
  assert.equal(stateAt(state, at(27)).state, 'watching');
});

test('--arm-after 0 is armed without any crash, and a cool-down still holds', () => {
  assert.equal(stateAt(EMPTY_POLICY_STATE, at(0), { armAfter: 0 }).state, 'armed');
  const captured = withCapture(EMPTY_POLICY_STATE, at(0));
  assert.equal(stateAt(captured, at(1), { armAfter: 0 }).state, 'cooling-down');
  assert.equal(stateAt(captured, at(1), { armAfter: 0, cooldownMs: 0 }).state, 'armed');
});

test('a manual override beats count and cool-down; one capture uses up manual arming; the kill switch beats both', () => {
  const manually: PolicyState = { ...withCapture(EMPTY_POLICY_STATE, at(0)), manual: 'armed' };
  assert.equal(stateAt(manually, at(1)).state, 'armed');
  assert.equal(withCapture(manually, at(1)).manual, null);
  const disarmed: PolicyState = { ...afterCrashes(0, 1, 2, 3), manual: 'disarmed' };
  assert.equal(stateAt(disarmed, at(3)).state, 'disabled');
  assert.equal(withCapture(disarmed, at(3)).manual, 'disarmed');
  assert.equal(stateAt(manually, at(1), {}, true).state, 'disabled');
});

test('after a crash that no capture can explain nothing is armed except manually', () => {
  const noCapture = { why: 'oom-kill', runtime: null, code: null } as const;
  const state = { ...afterCrashes(0, 1, 2, 3), noCapture };
  assert.deepEqual(stateAt(state, at(3)), {
    state: 'watching',
    crashesInWindow: 4,
    cooldownUntilMs: null,
    noCapture,
  });
  assert.equal(stateAt(state, at(3), { armAfter: 0 }).state, 'watching');
  assert.equal(stateAt({ ...state, noCapture: null }, at(3)).state, 'armed');
  const manually = stateAt({ ...state, manual: 'armed' }, at(3));
  assert.deepEqual([manually.state, manually.noCapture], ['armed', noCapture]);
  assert.equal(stateAt(withCapture(state, at(3)), at(4)).noCapture, null);
  const onlyWatched = { why: 'only-watched', runtime: null, code: null } as const;
  for (const runtime of [null, 'go', 'java'] as const) {
    const unreachable = { ...onlyWatched, runtime };
    assert.equal(stateAt({ ...state, noCapture: unreachable, manual: 'armed' }, at(3)).state, 'watching');
  }
  const python = { ...onlyWatched, runtime: 'python' } as const;
  assert.equal(stateAt({ ...state, noCapture: python, manual: 'armed' }, at(3)).state, 'armed');
});

test('within a boot no jump of the wall clock changes a decision', () => {
  const state = withCapture(afterCrashes(0, 1, 2, 3), at(3));
  for (const jump of [-50_000, -24, 24, 50_000]) {
    assert.equal(stateAt(state, at(5, 'boot-1', jump)).state, 'cooling-down');
    assert.equal(stateAt(state, at(12, 'boot-1', jump)).state, 'armed');
    assert.equal(stateAt(state, at(28, 'boot-1', jump)).state, 'watching');
  }
});

test('state from another boot is judged by the wall clock', () => {
  const state = withCapture(afterCrashes(0, 1, 2, 3), at(3));
  assert.equal(stateAt(state, at(5, 'boot-2')).state, 'cooling-down');
  assert.equal(stateAt(state, at(12, 'boot-2')).state, 'armed');
});

test('stamps from the future of another boot neither keep it quiet nor armed for years', () => {
  const years = 8760 * 5;
  const ahead = withCapture(afterCrashes(years, years + 1, years + 2, years + 3), at(years + 3));
  const state = rebased(ahead, at(0, 'boot-2'));
  assert.equal(stateAt(state, at(1, 'boot-2')).state, 'cooling-down');
  assert.equal(stateAt(state, at(9, 'boot-2')).state, 'armed');
  assert.equal(stateAt(state, at(25, 'boot-2')).state, 'watching');
});

test('the remembered crashes are bounded', () => {
  let state = EMPTY_POLICY_STATE;
  for (let i = 0; i < REMEMBERED_CRASHES + 50; i++) state = withCrash(state, settings, at(i / 10_000));
  assert.equal(state.crashes.length, REMEMBERED_CRASHES);
});

test('whatever the clocks do, the answer is sound: counts within bounds, a cool-down no longer than its length', () => {
  const instant = fc.record({
    wallMs: fc.integer({ min: -1e15, max: 1e15 }),
    monotonicMs: fc.integer({ min: 0, max: 1e12 }),
    bootId: fc.constantFrom('', 'a', 'b'),
  });
  fc.assert(
    fc.property(
      fc.array(instant, { maxLength: 20 }),
      fc.option(instant),
      instant,
      (crashes, capture, now) => {
        const state = rebased({ crashes, lastCapture: capture, manual: null, noCapture: null }, now);
        const answer = stateAt(state, now);
        assert.ok(answer.crashesInWindow >= 0 && answer.crashesInWindow <= crashes.length);
        if (answer.state === 'armed') assert.ok(answer.crashesInWindow > 3);
        if (answer.cooldownUntilMs !== null) {
          assert.ok(answer.cooldownUntilMs > now.wallMs);
          assert.ok(answer.cooldownUntilMs <= now.wallMs + settings.cooldownMs);
        }
      },
    ),
  );
});

test('where nothing can be captured, a runtime is made to print more after as many crashes as would arm it', () => {
  const wants = (state: PolicyState, why: 'runtime' | 'no-record', runtime: 'rust' | 'go') =>
    wantsMoreWords(
      { settings, state: { ...state, noCapture: { why, runtime, code: 101 } }, disabled: false },
      at(3),
    );
  assert.equal(wants(afterCrashes(0, 1, 2, 3), 'runtime', 'rust'), true);
  assert.equal(wants(afterCrashes(0, 1, 2), 'runtime', 'rust'), false);
  assert.equal(wants(afterCrashes(0, 1, 2, 3), 'runtime', 'go'), false);
  assert.equal(wants(afterCrashes(0, 1, 2, 3), 'no-record', 'rust'), false);
  assert.equal(wants({ ...afterCrashes(0, 1, 2, 3), manual: 'disarmed' }, 'runtime', 'rust'), false);
  assert.equal(wants(withCapture(afterCrashes(0, 1, 2, 3), at(3)), 'runtime', 'rust'), false);
});
