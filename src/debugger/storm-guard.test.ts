import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StormGuard } from './storm-guard.ts';

const LIMITS = { captures: 2, stops: 4, tooMany: 8, windowMs: 1000, quietMs: 100 };
const HANDLED = { handled: true, passable: true };

test('a handled signal is captured, then passed on, then not asked about', () => {
  const guard = new StormGuard(LIMITS);
  const decisions = [0, 1, 2, 3, 4].map((now) => guard.stop(7, HANDLED, now));
  assert.deepEqual(decisions, ['capture', 'capture', 'pass-on', 'pass-on', 'stop-asking']);
  assert.deepEqual(guard.storming(4), { signals: new Set([7]), untilMs: 104 });
  assert.deepEqual(guard.storming(104), { signals: new Set(), untilMs: null });
});

test('each further storm is quiet for twice as long, at most an hour', () => {
  const guard = new StormGuard(LIMITS);
  let now = 0;
  const quietMs = Array.from({ length: 20 }, () => {
    let decision = '';
    while (decision !== 'stop-asking') decision = guard.stop(7, HANDLED, now);
    const { untilMs } = guard.storming(now);
    const length = (untilMs ?? 0) - now;
    now = (untilMs ?? 0) + 1;
    return length;
  });
  assert.deepEqual(quietMs.slice(0, 3), [100, 200, 400]);
  assert.equal(quietMs.at(-1), 3_600_000);
});

test('a signal that gdbserver always asks about ends in leaving', () => {
  const guard = new StormGuard(LIMITS);
  const decisions = Array.from({ length: 9 }, () => guard.stop(11, { handled: true, passable: false }, 0));
  assert.deepEqual(decisions.slice(0, 3), ['capture', 'capture', 'pass-on']);
  assert.equal(decisions.at(-2), 'pass-on');
  assert.equal(decisions.at(-1), 'leave');
});

test('a signal now and then is always captured, and one without a handler too', () => {
  const guard = new StormGuard(LIMITS);
  for (let now = 0; now < 100_000; now += 1000) assert.equal(guard.stop(7, HANDLED, now), 'capture');
  for (let i = 0; i < 4; i += 1) {
    assert.equal(guard.stop(11, { handled: false, passable: false }, i), 'capture');
  }
});

test('no order of stops makes it forget its limits', () => {
  const stop = fc.record({ signal: fc.constantFrom(7, 8, 11), afterMs: fc.nat({ max: 500 }) });
  fc.assert(
    fc.property(fc.array(stop, { maxLength: 200 }), (stops) => {
      const guard = new StormGuard(LIMITS);
      const captured = new Map<number, number[]>();
      let now = 0;
      for (const { signal, afterMs } of stops) {
        now += afterMs;
        const passable = signal !== 11;
        if (guard.stop(signal, { handled: true, passable }, now) === 'capture') {
          captured.set(signal, [...(captured.get(signal) ?? []), now]);
        }
      }
      // A passable signal starts anew once its quiet time is over, so only the other has one window throughout.
      const times = captured.get(11) ?? [];
      for (const [index, at] of times.entries()) {
        const later = times[index + LIMITS.captures];
        assert.ok(later === undefined || later - at >= LIMITS.windowMs);
      }
    }),
  );
});
