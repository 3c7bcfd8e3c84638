import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredExit } from '../../../src/journal/run-rows.ts';
import { crashUid } from '../../../src/privacy/publish-crash.ts';
import { sampleExit } from '../../support/journal/sample-run.ts';
import { appsOf } from '../plan/apps.ts';
import { type Ending, type Way, wayOf } from '../plan/ways.ts';
import { judgeAgent } from './judge-agent.ts';
import { judgeWatched, type WatchedEvidence } from './judge-watched.ts';
import type { WorkerLife } from './worker-lives.ts';

const plan = appsOf(false).find(({ watched }) => watched);
const THROW = wayOf('node', 'throw');

/** A worker that ran for a second. */
function life(pid: number, way: Way | null = THROW, ending: Ending = way?.ending ?? { code: 0 }): WorkerLife {
  const startedS = pid * 100;
  const death = { pid, parent: 1, command: 'node', ending, startedS, tookS: 1, endedS: startedS + 1 };
  return { pid, startedS, way, death, calm: false };
}

function exitOf({ pid, startedS }: WorkerLife, more: Partial<StoredExit> = {}): StoredExit {
  const { verdict: _, ...base } = { ...sampleExit(pid), reported: false, analysisProblem: null };
  const at = (monotonicMs: number) => ({ ...base.startedAt, monotonicMs });
  const verdict = {
    counted: true,
    suspected: false,
    kind: 'exception',
    reason: { code: 'printed-exception' },
  };
  return {
    ...{ ...base, pid, pidStartTicks: startedS * 100, verdict: verdict as StoredExit['verdict'] },
    ...{ startedAt: at(startedS * 1_000), diedAt: at(startedS * 1_000 + 1_000), captured: false },
    ...{ status: { type: 'code', code: 1 }, ...more },
  };
}

function judge(lives: WorkerLife[], exits: StoredExit[], more: Partial<WatchedEvidence> = {}): string[] {
  assert.ok(plan);
  const uids = exits.filter(({ verdict }) => verdict.counted).map(crashUid);
  return judgeWatched({
    ...{ plan, lives, exits, missed: 0, signaled: new Set<number>(), helpers: [], troubles: [] },
    kernel: lives.flatMap(({ death }) => death ?? []),
    instances: [exits],
    portal: { uids, counted: uids.length },
    traces: lives.map(({ pid, death }) => ({ pid, isTraced: true, atS: death?.endedS ?? 0 })),
    ...more,
  }).violations;
}

function assertOne(violations: string[], pattern: RegExp): void {
  assert.equal(violations.length, 1, violations.join('\n'));
  assert.match(violations[0] ?? '', pattern);
}

test('a death that was watched is recorded once, or one of those that are only counted', () => {
  const [one, other] = [life(1), life(2)];
  assert.deepEqual(judge([one, other], [exitOf(other), exitOf(one)]), []);
  assertOne(judge([one], [exitOf(one), exitOf(one, { id: 'b' })]), /recorded 2 times/);
  assertOne(judge([one], []), /not recorded, 0 were counted: 1 \(exit 1\)/);
  assert.deepEqual(judge([one], [], { missed: 1 }), []);
  assert.deepEqual(judge([one], [], { traces: [{ pid: 1, isTraced: false, atS: 101 }] }), []);
  assert.deepEqual(judge([one], [], { troubles: [{ fromS: 102, toS: 102 }] }), []);
  assertOne(judge([], [exitOf(one)]), /there was no process 1/);
});

test('what is recorded of a process is what the kernel noted', () => {
  const one = life(1);
  const wrong = exitOf(one, { status: { type: 'code', code: 3 } });
  assertOne(judge([one], [wrong]), /as exit 3, and ended by exit 1/);
  const clean = life(1, wayOf('node', 'clean'));
  const normal = exitOf(clean, { status: { type: 'code', code: 0 } });
  assertOne(judge([clean], [normal]), /node clean: counted is true/);
  const long = exitOf(one, { diedAt: { ...exitOf(one).diedAt, monotonicMs: 7_200_000 } });
  assertOne(judge([one], [long]), /uptime that is 7099\.0 s off/);
});

test('two captures of one instance within the cool-down are found', () => {
  const captured = [life(1), life(2)].map((each) => exitOf(each, { captured: true }));
  assert.ok(plan);
  const lives = [life(1), life(2)];
  const long = { plan: { ...plan, cooldownMs: 200_000 } };
  assertOne(judge(lives, captured, long), /were captured, 100000 ms apart/);
  assert.deepEqual(judge(lives, captured, { ...long, instances: captured.map((exit) => [exit]) }), []);
});

test('an exit status is unknown only where the agent lost its helper, or did not watch', () => {
  const one = life(1);
  const exits = [exitOf(one, { status: { type: 'unknown' } })];
  assertOne(judge([one], exits), /its exit status is unknown, and it was watched/);
  assert.deepEqual(judge([one], exits, { helpers: [{ fromS: 100, toS: 100 }] }), []);
  assert.deepEqual(judge([one], exits, { traces: [] }), []);
});

test('a process that ended otherwise than it meant to is found', () => {
  const harmed = life(1, null, { signal: 'SIGKILL' });
  assertOne(judge([harmed], [], { missed: 1 }), /was to run on, and ended by SIGKILL/);
  assert.deepEqual(judge([harmed], [], { missed: 1, signaled: new Set([1]) }), []);
  assertOne(judge([{ ...life(1), death: null }], []), /process 1 never ended/);
});

test('an agent that ended by itself is found', () => {
  const ended = (ending: Ending) => [{ fromS: 0, toS: 10, ending }];
  assert.deepEqual(judgeAgent(ended({ signal: 'SIGKILL' }), [], []), []);
  assert.deepEqual(judgeAgent(ended({ code: 0 }), [{ fromS: 9, toS: 9 }], []), []);
  assert.equal(judgeAgent(ended({ code: 0 }), [], []).length, 1);
  assert.deepEqual(judgeAgent(ended({ code: 1 }), [], [{ fromS: 0, toS: 1 }]), []);
  assert.equal(judgeAgent(ended({ signal: 'SIGSEGV' }), [], [{ fromS: 0, toS: 1 }]).length, 1);
});
