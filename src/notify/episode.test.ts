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

/** Tells the story of one signature and remembers what people would be told. */
class Story {
  episode: Episode | null = null;
  readonly told: (EpisodeNotification & { id: string })[] = [];
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
      this.told.push({
        ...notification,
        id: notification.kind === 'recovered' ? (before?.id ?? '') : step.episode.id,
      });
    this.episode = step.episode;
    return this;
  }

  pass(nowMs: number): this {
    if (this.episode === null) return this;
    const step = passTime(this.episode, nowMs);
    for (const notification of step.notifications) this.told.push({ ...notification, id: step.episode.id });
    this.episode = step.episode;
    return this;
  }

  get kinds(): string[] {
    return this.told.map(({ kind, atMs }) => `${kind} ${atMs / MINUTE}`);
  }
}

test('people are told at once where there is a stack', () => {
  assert.deepEqual(new Story().crash(0, { hasStack: true }).kinds, ['opened 0']);
});

test('the first notification waits two minutes for a stack, no longer', () => {
  const soon = new Story().crash(0).crash(MINUTE, { hasStack: true });
  assert.deepEqual(soon.kinds, ['opened 1']);
  assert.equal(new Story().crash(0).episode?.notifyByMs, 2 * MINUTE);
  assert.deepEqual(new Story().crash(0).pass(2 * MINUTE - 1).kinds, []);
  assert.deepEqual(
    new Story()
      .crash(0)
      .pass(2 * MINUTE)
      .pass(3 * MINUTE).kinds,
    ['opened 2'],
  );
});

test('an hour without a crash ends it, and says so once', () => {
  const story = new Story().crash(0, { hasStack: true }).crash(10 * MINUTE);
  story
    .pass(70 * MINUTE - 1)
    .pass(70 * MINUTE)
    .pass(200 * MINUTE);
  assert.deepEqual(story.kinds, ['opened 0', 'recovered 70']);
  assert.equal(story.episode?.crashes, 2);
  assert.equal(story.episode?.closedAtMs, 70 * MINUTE);
  assert.equal(nextWakeMs(story.episode as Episode), null);
});

test('a crash after the quiet time ends the old episode and opens a new one, though nobody looked meanwhile', () => {
  const story = new Story().crash(0, { hasStack: true }).crash(5 * HOUR, { hasStack: true });
  assert.deepEqual(story.kinds, ['opened 0', 'recovered 300', 'opened 300']);
  assert.deepEqual(
    story.told.map(({ id }) => id),
    ['e0', 'e0', 'e1'],
  );
  assert.equal(story.episode?.crashes, 1);
});

test('a crash after the end was told opens a new one and does not tell the end again', () => {
  const story = new Story()
    .crash(0, { hasStack: true })
    .pass(60 * MINUTE)
    .crash(60 * MINUTE);
  assert.deepEqual(story.kinds, ['opened 0', 'recovered 60']);
  assert.equal(story.episode?.id, 'e1');
});

test('what was resolved and returns says after how long and in which version', () => {
  const story = new Story().crash(12 * DAY, { hasStack: true, resolvedAtMs: 0, version: '2.0' });
  assert.deepEqual(story.told[0]?.kind, 'returned');
  assert.deepEqual(story.episode?.returned, { afterMs: 12 * DAY, version: '2.0' });
});

describe('an escalation', () => {
  test('comes once, when three times as many instances have it', () => {
    const story = new Story().crash(0, { hasStack: true, instances: ['a', 'b'] });
    story.crash(1, { instances: ['c', 'd', 'e'] });
    assert.deepEqual(story.kinds, ['opened 0']);
    story
      .crash(MINUTE, { instances: ['f'] })
      .crash(MINUTE, { instances: Array.from({ length: 500 }, (_, i) => `${i}`) });
    assert.deepEqual(story.kinds, ['opened 0', 'escalated 1']);
    assert.equal(story.told[1]?.spread?.instancesBefore, 2);
  });
  test('comes when the crash rate grows tenfold', () => {
    const story = new Story().crash(0, { hasStack: true, crashes: 4 });
    story.crash(11 * MINUTE, { crashes: 39 });
    assert.deepEqual(story.kinds, ['opened 0']);
    story.crash(12 * MINUTE, { crashes: 1 });
    assert.deepEqual(story.kinds, ['opened 0', 'escalated 12']);
  });
  test('does not come of a few crashes more', () => {
    const story = new Story().crash(0, { hasStack: true }).crash(11 * MINUTE, { crashes: 29 });
    assert.deepEqual(story.kinds, ['opened 0']);
  });
});

test('100,000 crashes in ten minutes over 1,000 instances are two notifications', () => {
  const story = new Story();
  for (let i = 0; i < 100_000; i++) {
    story.crash(i * 6, { instances: [`web-${i % 1000}`], hasStack: i % 1000 === 999 });
  }
  assert.deepEqual(
    story.told.map(({ kind }) => kind),
    ['opened', 'escalated'],
  );
  assert.equal(story.episode?.crashes, 100_000);
  assert.equal(story.episode?.instances.length, 1000);
});

describe('clocks that jump', () => {
  test('forward end the episode early, and no more', () => {
    const story = new Story()
      .crash(0, { hasStack: true })
      .pass(400 * DAY)
      .crash(MINUTE, { hasStack: true });
    assert.deepEqual(
      story.told.map(({ kind }) => kind),
      ['opened', 'recovered', 'opened'],
    );
  });
  test('back neither end it nor keep people from being told', () => {
    const story = new Story().crash(400 * DAY).pass(0);
    assert.deepEqual(story.kinds, ['opened 0']);
    story.pass(HOUR - 1);
    assert.equal(story.episode?.closedAtMs, null);
    story.pass(HOUR);
    assert.deepEqual(story.kinds, ['opened 0', 'recovered 60']);
  });
});

test('whatever happens, an episode tells each kind of notification once at most, its end last, and counts every crash', () => {
  const event = fc.record({
    stepMs: fc.oneof(fc.integer({ min: -2 * HOUR, max: 3 * HOUR }), fc.integer({ min: 0, max: MINUTE })),
    crashes: fc.integer({ min: 0, max: 200 }),
    instance: fc.nat(50),
    hasStack: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const story = new Story();
      const counts = new Map<string, number>();
      let nowMs = 1000 * HOUR;
      for (const { stepMs, crashes, instance, hasStack } of events) {
        nowMs += stepMs;
        if (crashes === 0) story.pass(nowMs);
        else {
          story.crash(nowMs, { crashes, instances: [`${instance}`], hasStack });
          const { id } = story.episode as Episode;
          counts.set(id, (counts.get(id) ?? 0) + crashes);
          assert.equal(story.episode?.crashes, counts.get(id));
        }
      }
      const byEpisode = Map.groupBy(story.told, ({ id }) => id);
      for (const told of byEpisode.values()) {
        const kinds = told.map(({ kind }) => kind);
        assert.equal(new Set(kinds).size, kinds.length, kinds.join());
        assert.ok(!kinds.slice(0, -1).includes('recovered'), kinds.join());
        if (kinds.length > 0) assert.ok(kinds[0] === 'opened' || kinds[0] === 'returned', kinds.join());
      }
    }),
  );
});

test('what is heard of late is counted, and neither spreads nor goes on', () => {
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
    'all else is as before: its rate, its last crash, what people were told',
  );
  assert.equal(later.crashes, 501);
});
