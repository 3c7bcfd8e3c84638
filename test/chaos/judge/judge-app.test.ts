import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredExit } from '../../../src/journal/run-rows.ts';
import { crashUid } from '../../../src/privacy/publish-crash.ts';
import { sampleExit } from '../../support/journal/sample-run.ts';
import { appsOf } from '../plan/apps.ts';
import { type Ending, type Way, wayOf } from '../plan/ways.ts';
import { type AppEvidence, judgeApp } from './judge-app.ts';
import type { WorkerLife } from './worker-lives.ts';

const [plan] = appsOf(false);
if (plan === undefined) throw new Error('no app');
const THROW = wayOf('node', 'throw');
const COUNTED = { counted: true, suspected: false, kind: 'exception', reason: { code: 'printed-exception' } };
const SPAN = { fromS: 0, toS: 1_000 };

/** A worker that ran for a second. */
function life(pid: number, way: Way | null = THROW, ending: Ending = way?.ending ?? { code: 0 }): WorkerLife {
  const startedS = pid * 10;
  const death = { pid, parent: 1, command: 'node', ending, startedS, tookS: 1, endedS: startedS + 1 };
  return { pid, startedS, way, death, calm: false };
}

function exitOf({ pid, startedS }: WorkerLife, more: Partial<StoredExit> = {}): StoredExit {
  const base = { ...sampleExit(pid), reported: false, analysisProblem: null };
  const startedAt = { ...base.startedAt, monotonicMs: startedS * 1_000 };
  const verdict = COUNTED as StoredExit['verdict'];
  return { ...base, pid, startedAt, verdict, status: { type: 'code', code: 1 }, captured: false, ...more };
}

function judge(lives: WorkerLife[], exits: StoredExit[], more: Partial<AppEvidence> = {}): string[] {
  const uids = exits.filter(({ verdict }) => verdict.counted).map(crashUid);
  return judgeApp({
    ...{ plan: plan as AppEvidence['plan'], lives, exits },
    kernel: lives.flatMap(({ death }) => death ?? []),
    portal: { uids, counted: uids.length },
    ...{
      crashmons: [],
      stops: [],
      signaled: new Set<number>(),
      announced: new Set<number>(),
      unrecorded: [],
    },
    ...more,
  }).violations;
}

function assertOne(violations: string[], pattern: RegExp): void {
  assert.equal(violations.length, 1, violations.join('\n'));
  assert.match(violations[0] ?? '', pattern);
}

test('a crash that is recorded once and arrived is as it should be', () => {
  assert.deepEqual(judge([life(1), life(2)], [exitOf(life(2)), exitOf(life(1))]), []);
});

test('a death that was lost, recorded twice, or never happened is found', () => {
  assertOne(judge([life(1)], []), /process 1 \(exit 1\) was not recorded/);
  assertOne(judge([life(1)], [exitOf(life(1)), exitOf(life(1), { id: 'b' })]), /recorded 2 times/);
  assertOne(judge([], [exitOf(life(1))]), /there was no process 1/);
  assert.deepEqual(judge([life(1)], [], { unrecorded: [SPAN] }), []);
});

test('a death can be lost where crashmon was killed before it wrote down the start, and nowhere else', () => {
  const killedAt = (toS: number) => ({
    crashmons: [{ fromS: 0, toS, ending: { signal: 'SIGKILL' } as const }],
  });
  assert.deepEqual(judge([life(1)], [], killedAt(10.8)), []);
  assertOne(judge([life(1)], [], { ...killedAt(10.8), announced: new Set([1]) }), /was not recorded/);
  assertOne(judge([life(1)], [], killedAt(20.2)), /was not recorded/);
  assertOne(judge([life(1)], [], { unrecorded: [{ fromS: 0, toS: 6.9 }] }), /was not recorded/);
  assert.deepEqual(judge([life(1)], [], { unrecorded: [{ fromS: 0, toS: 7.1 }] }), []);
});

test('an exit status that is not the kernel’s is found, and one that is unknown without a reason', () => {
  const wrong = exitOf(life(1), { status: { type: 'code', code: 3 } });
  assertOne(judge([life(1)], [wrong]), /recorded as exit 3, and ended by exit 1/);
  const unknown = exitOf(life(1), { status: { type: 'unknown' } });
  assertOne(judge([life(1)], [unknown]), /its exit status is unknown/);
  const killedAt = (toS: number) => ({
    crashmons: [{ fromS: 0, toS, ending: { signal: 'SIGKILL' } as const }],
  });
  assert.deepEqual(judge([life(1)], [unknown], killedAt(19)), []);
  assertOne(
    judge([life(1), life(2)], [exitOf(life(2)), unknown], killedAt(25)),
    /its exit status is unknown/,
  );
});

test('a crash that does not count, or a normal exit that does, is found', () => {
  const clean = life(1, wayOf('node', 'clean'));
  assertOne(
    judge([clean], [exitOf(clean, { status: { type: 'code', code: 0 } })]),
    /node clean: counted is true/,
  );
});

test('a worker that ended by something else than itself is found', () => {
  const harmed = life(1, null, { signal: 'SIGKILL' });
  const exit = exitOf(harmed, { status: { type: 'signal', signal: 'SIGKILL' } });
  assertOne(judge([harmed], [exit]), /was to run on, and ended by SIGKILL/);
  assert.deepEqual(judge([harmed], [exit], { signaled: new Set([1]) }), []);
  assertOne(judge([{ ...life(1), death: null }], []), /process 1 never ended/);
});

test('a crash of a worker whose process ID was not written down is of one that ran, and is not recorded otherwise', () => {
  const nameless = exitOf(life(1), { pid: null, status: { type: 'unknown' } });
  assertOne(judge([], [nameless]), /of a worker that was never started/);
  assert.deepEqual(judge([life(1)], [nameless], { unrecorded: [SPAN] }), []);
  assertOne(judge([life(1)], [nameless, exitOf(life(1), { id: 'b' })]), /of a worker that was never started/);
});

test('a portal that has less, more or another number is found', () => {
  const exits = [exitOf(life(1))];
  assert.equal(judge([life(1)], exits, { portal: { uids: [], counted: 0 } }).length, 1);
  const uids = exits.map(crashUid);
  assertOne(judge([life(1)], exits, { portal: { uids, counted: 2 } }), /counts 2 crashes, and has 1/);
  assertOne(judge([life(1)], exits, { portal: { uids: [...uids, 'x'], counted: 2 } }), /in the portal alone/);
});

test('a crashmon that ended by itself is found', () => {
  const crashmon = { fromS: 0, toS: 12, ending: { signal: 'SIGSEGV' } };
  assertOne(judge([life(1)], [exitOf(life(1))], { crashmons: [crashmon] }), /crashmon ended by SIGSEGV/);
  const asWorker = { ...crashmon, ending: { code: 1 } };
  assert.deepEqual(judge([life(1)], [exitOf(life(1))], { crashmons: [asWorker] }), []);
});

test('two captures within the cool-down are found', () => {
  const exits = [1, 2].map((pid) => exitOf(life(pid), { captured: true }));
  assertOne(judge([life(1), life(2)], exits), /processes 1 and 2 were captured, 9.0 s apart/);
});
