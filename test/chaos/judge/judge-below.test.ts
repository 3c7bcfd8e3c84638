import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredExit } from '../../../src/journal/run-rows.ts';
import { sampleExit } from '../../support/journal/sample-run.ts';
import { appsOf } from '../plan/apps.ts';
import { type Ending, type Way, wayOf } from '../plan/ways.ts';
import { type BelowLife, belowLives } from './below-lives.ts';
import { type BelowEvidence, judgeBelow } from './judge-below.ts';

const plan = appsOf(false).find(({ below }) => below !== null);
const THROW = wayOf('node', 'throw');
const MASTER = 4711;
const COUNTED = { counted: true, suspected: false, kind: 'exception', reason: { code: 'printed-exception' } };

/** A worker that ran for a second. */
function life(pid: number, way: Way | null = THROW, ending: Ending = way?.ending ?? { code: 0 }): BelowLife {
  const startedS = pid * 100;
  const death = { pid, parent: MASTER, command: 'node', ending, startedS, tookS: 1, endedS: startedS + 1 };
  return { ...{ pid, startTicks: pid * 10_000, startedS, way, death }, master: MASTER, traced: true };
}

function exitOf({ pid, startedS, startTicks }: BelowLife, more: Partial<StoredExit> = {}): StoredExit {
  const { diedAt, ...base } = { ...sampleExit(pid), reported: false, analysisProblem: null };
  return {
    ...{
      ...base,
      pid,
      pidStartTicks: startTicks,
      verdict: COUNTED as StoredExit['verdict'],
      captured: false,
    },
    ...{ status: { type: 'code', code: 1 }, process: { role: 'worker', pid, name: 'node cluster' } },
    startedAt: { ...diedAt, monotonicMs: startedS * 1_000 },
    diedAt: { ...diedAt, monotonicMs: (startedS + 1) * 1_000 },
    ...more,
  };
}

const RUNS = { ...life(1), pid: MASTER, startedS: 0, death: null, calm: false };

function judge(lives: BelowLife[], exits: StoredExit[], more: Partial<BelowEvidence> = {}): string[] {
  assert.ok(plan);
  const kernel = lives.flatMap(({ death }) => death ?? []);
  const evidence = { plan, lives, exits, kernel, masters: [RUNS], missed: 0, troubles: [], ...more };
  return judgeBelow(evidence).violations;
}

function assertOne(violations: string[], pattern: RegExp): void {
  assert.equal(violations.length, 1, violations.join('\n'));
  assert.match(violations[0] ?? '', pattern);
}

test('the death of a worker is recorded once, or one of those that are only counted', () => {
  const one = life(1);
  assert.deepEqual(judge([one, life(2)], [exitOf(life(2)), exitOf(one)]), []);
  assertOne(judge([one], [exitOf(one), exitOf(one, { id: 'b' })]), /recorded 2 times/);
  assertOne(judge([one], []), /not recorded, 0 were counted: 1 \(exit 1\)/);
  assert.deepEqual(judge([one], [], { missed: 1 }), []);
  assert.deepEqual(judge([{ ...one, traced: false }], []), []);
  assert.deepEqual(judge([one], [], { troubles: [{ fromS: 102, toS: 102 }] }), []);
  assertOne(judge([], [exitOf(one)]), /there was no process 1/);
});

test('what is recorded of a worker is what the kernel noted', () => {
  const one = life(1);
  assertOne(
    judge([one], [exitOf(one, { status: { type: 'code', code: 3 } })]),
    /as exit 3, and ended by exit 1/,
  );
  const clean = life(1, wayOf('node', 'kill'));
  const killed = exitOf(clean, { status: { type: 'signal', signal: 'SIGKILL' } });
  assertOne(judge([clean], [killed]), /node kill: counted is true/);
  const late = exitOf(one, { startedAt: { ...exitOf(one).startedAt, monotonicMs: 7_200_000 } });
  assertOne(judge([one], [late]), /started 7100\.0 s off/);
});

test('a worker that ended otherwise than it meant to is found, unless its master ended', () => {
  const harmed = life(1, null, { signal: 'SIGKILL' });
  assertOne(judge([harmed], []), /was to run on, and ended by SIGKILL/);
  const master = { ...life(1), pid: MASTER, calm: false };
  assert.deepEqual(judge([harmed], [], { masters: [master] }), []);
  assertOne(judge([{ ...life(1), death: null }], []), /never ended/);
});

test('two captures of one app within the cool-down are found, whatever process they are of', () => {
  const cooldownMs = 200_000;
  assert.ok(plan);
  const captured = [life(1), life(2)].map((each) => exitOf(each, { captured: true }));
  const main = exitOf(life(3), { captured: true, process: { role: 'main' } });
  const lives = [life(1), life(2)];
  assertOne(judge(lives, captured, { plan: { ...plan, cooldownMs } }), /were captured, 100000 ms apart/);
  assert.equal(judge(lives, [...captured, main], { plan: { ...plan, cooldownMs } }).length, 2);
  assert.deepEqual(judge(lives, captured, { plan: { ...plan, cooldownMs: 50_000 } }), []);
});

test('a worker is joined with its own death and note', () => {
  const kernel = [1, 2].flatMap((pid) => life(pid).death ?? []);
  const starts = [
    ['1', '10000', '4711'],
    ['2', '20000', '4711'],
    ['3', '30000', '4711'],
  ];
  const lives = belowLives({ starts, deaths: [['1', '1', 'node', 'throw', 'traced']] }, kernel);
  assert.deepEqual(lives[0], life(1));
  assert.deepEqual([lives[1]?.way, lives[1]?.traced, lives[1]?.death?.endedS], [null, false, 201]);
  assert.equal(lives[2]?.death, null);
});
