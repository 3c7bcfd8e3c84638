import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_PREFERENCES, type NotificationPreferences, planNotification } from './preferences.ts';

const NOTICE = { kind: 'opened', crashKind: 'exception', version: '1.2.0' } as const;
const at = (iso: string) => Date.parse(iso);
const plan = (preferences: Partial<NotificationPreferences>, now: string) => {
  const planned = planNotification(NOTICE, { ...DEFAULT_PREFERENCES, ...preferences }, at(now));
  return planned.how === 'drop' ? planned.how : `${planned.how} ${new Date(planned.atMs).toISOString()}`;
};

test('without preferences everything is sent at once', () => {
  assert.equal(plan({}, '2026-03-01T02:03:04.567Z'), 'send 2026-03-01T02:03:04.567Z');
});

test('kinds that are not asked for are dropped', () => {
  assert.equal(plan({ kinds: ['fault', 'abort'] }, '2026-03-01T00:00:00Z'), 'drop');
  assert.equal(plan({ kinds: ['exception'] }, '2026-03-01T00:00:00Z'), 'send 2026-03-01T00:00:00.000Z');
});

test('muted until a time, or while a version runs', () => {
  const mute = { untilMs: at('2026-03-01T12:00:00Z') };
  assert.equal(plan({ mute }, '2026-03-01T11:59:59Z'), 'drop');
  assert.equal(plan({ mute }, '2026-03-01T12:00:00Z'), 'send 2026-03-01T12:00:00.000Z');
  assert.equal(plan({ mute: { whileVersion: '1.2.0' } }, '2026-03-01T00:00:00Z'), 'drop');
  assert.equal(
    plan({ mute: { whileVersion: '1.1.9' } }, '2026-03-01T00:00:00Z'),
    'send 2026-03-01T00:00:00.000Z',
  );
});

describe('quiet hours', () => {
  const night = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'Europe/Berlin' };
  test('hold back until they end, over midnight and in their own zone', () => {
    assert.equal(plan({ quietHours: night }, '2026-01-15T20:59:00Z'), 'send 2026-01-15T20:59:00.000Z');
    assert.equal(plan({ quietHours: night }, '2026-01-15T21:00:00Z'), 'send 2026-01-16T06:00:00.000Z');
    assert.equal(plan({ quietHours: night }, '2026-01-16T05:59:59Z'), 'send 2026-01-16T06:00:00.000Z');
    assert.equal(plan({ quietHours: night }, '2026-01-16T06:00:00Z'), 'send 2026-01-16T06:00:00.000Z');
  });
  test('end right where clocks are put forward or back in between', () => {
    assert.equal(plan({ quietHours: night }, '2026-03-28T23:00:00Z'), 'send 2026-03-29T05:00:00.000Z');
    assert.equal(plan({ quietHours: night }, '2026-10-24T22:00:00Z'), 'send 2026-10-25T06:00:00.000Z');
    const skipped = { ...night, toMinute: 150 };
    assert.equal(plan({ quietHours: skipped }, '2026-03-28T23:00:00Z'), 'send 2026-03-29T01:00:00.000Z');
  });
  test('of no length are none', () => {
    const none = { ...night, toMinute: night.fromMinute };
    assert.equal(plan({ quietHours: none }, '2026-01-15T21:00:00Z'), 'send 2026-01-15T21:00:00.000Z');
  });
});

test('a digest comes once a day, at its minute', () => {
  const digest = { minute: 9 * 60, timeZone: 'UTC' };
  assert.equal(plan({ digest }, '2026-01-15T08:59:59Z'), 'digest 2026-01-15T09:00:00.000Z');
  assert.equal(plan({ digest }, '2026-01-15T09:00:00Z'), 'digest 2026-01-16T09:00:00.000Z');
});
