import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appsOf, livesBelow, livesOf } from './apps.ts';
import { type Fault, planOf, textOf } from './faults.ts';
import { WAYS } from './ways.ts';

const HOUR_MS = 3_600_000;

test('a seed gives the same faults in the same order, and another seed others', () => {
  assert.deepEqual(planOf(7, HOUR_MS), planOf(7, HOUR_MS));
  assert.notDeepEqual(planOf(7, 60_000), planOf(8, 60_000));
  // A longer run begins as a shorter one.
  const short = planOf(7, 60_000);
  assert.deepEqual(planOf(7, HOUR_MS).slice(0, short.length), short);
});

test('in an hour every fault comes, and no two that need the same thing at once', () => {
  const steps = planOf(7, HOUR_MS);
  const kinds: Record<Fault['kind'], number> = {
    ...{ kill: 0, stop: 0, 'signal-worker': 0, 'end-crashmon': 0, 'portal-away': 0 },
    ...{
      'database-away': 0,
      'network-cut': 0,
      'clock-jump': 0,
      'memory-full': 0,
      'disk-full': 0,
      'disk-slow': 0,
    },
  };
  const untilMs: Partial<Record<Fault['kind'], number>> = {};
  for (const { atMs, fault } of steps) {
    kinds[fault.kind] += 1;
    if (!('forMs' in fault) || fault.kind === 'stop') continue;
    assert.ok((untilMs[fault.kind] ?? 0) < atMs, `${atMs}: ${textOf(fault)}`);
    untilMs[fault.kind] = atMs + fault.forMs;
  }
  assert.ok(
    Object.values(kinds).every((count) => count > 20),
    JSON.stringify(kinds),
  );
});

test('workers end in every way of the languages of their apps', () => {
  const apps = appsOf(true);
  for (const app of apps) assert.deepEqual(livesOf(7, app), livesOf(7, app));
  const lives = apps.flatMap((app) => [...livesOf(7, app), ...livesBelow(7, app)]);
  const met = new Set(lives.map(({ way }) => way));
  assert.deepEqual(
    WAYS.filter((way) => !met.has(way)),
    [],
  );
});
