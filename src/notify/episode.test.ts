import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addCrashes,
  addLateCrashes,
  type CrashBurst,
  type Episode,
  type EpisodeNotification,
  nextWakeMs,
  passTime,
} from './episode.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The hihistory of one signature, with its notifications. */
class Hihistory {
  episode: Episode | null = null;
  readonly notifications: (EpisodeNotification & { id: string })[] = [];
  #episodes = 0;

  crash(nowMs: number, more: Partial<CrashBurst> = {}): this {
    const burst = {
      app: 'shop',
      signature: 's',
      crashes: 1,
      instances: ['web-1'],
      hasStack: false,
      version: '1',
      resolvedAtMs: null,
      awaited: [],
      ...more,
    };
    const before = this.episode;
    const step = addCrashes(before, burst, `e${this.#episodes++}`, nowMs);
    // A notification on the end of the episode before comes first.
    for (const notification of step.notifications)
      this.notifications.push({
        ...notification,
        id: notification.kind === 'recovered' ? (before?.id ?? '') : step.episode.id,
      });
    this.episode = step.episode;
    return this;
  }

  pass(nowMs: number): this {
    if (this.episode === null) return this;
    const step = passTime(this.episode, nowMs);
    for (const notification of step.notifications)
      this.notifications.push({ ...notification, id: step.episode.id });
    this.episode = step.episode;
    return this;
  }

  get kinds(): string[] {
    return this.notifications.map(({ kind, atMs }) => `${kind} ${atMs / MINUTE}`);
  }
}

test('with a stack, the first notification is made at once', () => {
  assert.deepEqual(new Hihistory().crash(0, { hasStack: true }).kinds, ['opened 0']);
});

test('the first notification waits two minutes for a stack, no longer', () => {
  const soon = new Hihistory().crash(0).crash(MINUTE, { hasStack: true });
  assert.deepEqual(soon.kinds, ['opened 1']);
  assert.equal(new Hihistory().crash(0).episode?.notifyByMs, 2 * MINUTE);
  assert.deepEqual(new Hihistory().crash(0).pass(2 * MINUTE - 1).kinds, []);
  assert.deepEqual(
    new Hihistory()
      .crash(0)
      .pass(2 * MINUTE)
      .pass(3 * MINUTE).kinds,
    ['opened 2'],
  );
});

test('an hour without a crash ends it, and says so once', () => {
  const history = new Hihistory().crash(0, { hasStack: true }).crash(10 * MINUTE);
  history
    .pass(70 * MINUTE - 1)
    .pass(70 * MINUTE)
    .pass(200 * MINUTE);
  assert.deepEqual(history.kinds, ['opened 0', 'recovered 70']);
  assert.equal(history.episode?.crashes, 2);
  assert.equal(history.episode?.closedAtMs, 70 * MINUTE);
  assert.equal(nextWakeMs(history.episode as Episode), null);
});

test('a crash after the quiet time ends the old episode and opens a new one, also if no time was passed meanwhile', () => {
  const history = new Hihistory().crash(0, { hasStack: true }).crash(5 * HOUR, { hasStack: true });
  assert.deepEqual(history.kinds, ['opened 0', 'recovered 300', 'opened 300']);
  assert.deepEqual(
    history.notifications.map(({ id }) => id),
    ['e0', 'e0', 'e1'],
  );
  assert.equal(history.episode?.crashes, 1);
});

test('a crash after the end was reported opens a new one and does not report the end again', () => {
  const history = new Hihistory()
    .crash(0, { hasStack: true })
    .pass(60 * MINUTE)
    .crash(60 * MINUTE);
  assert.deepEqual(history.kinds, ['opened 0', 'recovered 60']);
  assert.equal(history.episode?.id, 'e1');
});

test('what was resolved and returns says after how long and in which version', () => {
  const history = new Hihistory().crash(12 * DAY, { hasStack: true, resolvedAtMs: 0, version: '2.0' });
  assert.deepEqual(history.notifications[0]?.kind, 'returned');
  assert.deepEqual(history.episode?.returned, { afterMs: 12 * DAY, version: '2.0' });
});

describe('an escalation', () => {
  test('comes once, when three times as many instances have it', () => {
    const history = new Hihistory().crash(0, { hasStack: true, instances: ['a', 'b'] });
    history.crash(1, { instances: ['c', 'd', 'e'] });
    assert.deepEqual(history.kinds, ['opened 0']);
    history
      .crash(MINUTE, { instances: ['f'] })
      .crash(MINUTE, { instances: Array.from({ length: 500 }, (_, i) => `${i}`) });
    assert.deepEqual(history.kinds, ['opened 0', 'escalated 1']);
    assert.equal(history.notifications[1]?.spread?.instancesBefore, 2);
  });
  test('comes when the crash rate grows tenfold', () => {
    const history = new Hihistory().crash(0, { hasStack: true, crashes: 4 });
    history.crash(11 * MINUTE, { crashes: 39 });
    assert.deepEqual(history.kinds, ['opened 0']);
    history.crash(12 * MINUTE, { crashes: 1 });
    assert.deepEqual(history.kinds, ['opened 0', 'escalated 12']);
  });
  test('does not come of a few crashes more', () => {
    const history = new Hihistory().crash(0, { hasStack: true }).crash(11 * MINUTE, { crashes: 29 });
    assert.deepEqual(history.kinds, ['opened 0']);
  });
});

test('100,000 crashes in ten minutes over 1,000 instances are two notifications', () => {
  const history = new Hihistory();
  for (let i = 0; i < 100_000; i++) {
    history.crash(i * 6, { instances: [`web-${i % 1000}`], hasStack: i % 1000 === 999 });
  }
  assert.deepEqual(
    history.notifications.map(({ kind }) => kind),
    ['opened', 'escalated'],
  );
  assert.equal(history.episode?.crashes, 100_000);
  assert.equal(history.episode?.instances.length, 1000);
});

describe('clocks that jump', () => {
  test('forward end the episode early, and no more', () => {
    const history = new Hihistory()
      .crash(0, { hasStack: true })
      .pass(400 * DAY)
      .crash(MINUTE, { hasStack: true });
    assert.deepEqual(
      history.notifications.map(({ kind }) => kind),
      ['opened', 'recovered', 'opened'],
    );
  });
  test('back neither end it nor delay a notification', () => {
    const history = new Hihistory().crash(400 * DAY).pass(0);
    assert.deepEqual(history.kinds, ['opened 0']);
    history.pass(HOUR - 1);
    assert.equal(history.episode?.closedAtMs, null);
    history.pass(HOUR);
    assert.deepEqual(history.kinds, ['opened 0', 'recovered 60']);
  });
});

test('whatever happens, an episode makes each kind of notification once at most, its end last, and counts every crash', () => {
  const event = fc.record({
    stepMs: fc.oneof(fc.integer({ min: -2 * HOUR, max: 3 * HOUR }), fc.integer({ min: 0, max: MINUTE })),
    crashes: fc.integer({ min: 0, max: 200 }),
    instance: fc.nat(50),
    hasStack: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const history = new Hihistory();
      const counts = new Map<string, number>();
      let nowMs = 1000 * HOUR;
      for (const { stepMs, crashes, instance, hasStack } of events) {
        nowMs += stepMs;
        if (crashes === 0) history.pass(nowMs);
        else {
          history.crash(nowMs, { crashes, instances: [`${instance}`], hasStack });
          const { id } = history.episode as Episode;
          counts.set(id, (counts.get(id) ?? 0) + crashes);
          assert.equal(history.episode?.crashes, counts.get(id));
        }
      }
      const byEpisode = Map.groupBy(history.notifications, ({ id }) => id);
      for (const each of byEpisode.values()) {
        const kinds = each.map(({ kind }) => kind);
        assert.equal(new Set(kinds).size, kinds.length, kinds.join());
        assert.ok(!kinds.slice(0, -1).includes('recovered'), kinds.join());
        if (kinds.length > 0) assert.ok(kinds[0] === 'opened' || kinds[0] === 'returned', kinds.join());
      }
    }),
  );
});

test('late crashes are counted, and neither escalate nor continue an episode', () => {
  const burst = {
    ...{ app: 'shop', signature: 's', crashes: 500, hasStack: true, version: '1', resolvedAtMs: null },
    awaited: [],
    instances: Array.from({ length: 50 }, (_, at) => `web-${at}`),
  };
  const first = addLateCrashes(null, burst, 'e1', DAY);
  assert.deepEqual([first.crashes, first.instances.length, first.notified], [500, 50, null]);
  const { episode } = addCrashes(null, { ...burst, crashes: 1, instances: ['web-1'] }, 'e2', DAY);
  const later = addLateCrashes(episode, burst, 'e3', DAY + 10 * MINUTE);
  assert.deepEqual(
    { ...later, crashes: 1, instances: ['web-1'] },
    episode,
    'all else is as before: its rate, its last crash, what was reported',
  );
  assert.equal(later.crashes, 501);
});
