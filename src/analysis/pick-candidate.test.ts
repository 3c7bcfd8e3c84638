import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { CandidateRecord, ThrownValue } from '../model/probe-record.ts';
import { pickCandidate } from './pick-candidate.ts';

function candidate(atMs: number, event: CandidateRecord['event'] = 'uncaught'): CandidateRecord {
  return {
    ...{ v: 1, type: 'candidate', pid: 7, event, atMs, uptimeS: 1, thrown: null, callerFrames: [] },
    ...{ exitCode: 1, appHandles: false, tookMs: null, stderrOffset: null },
  };
}

const thrown: ThrownValue = {
  ...{ isError: true, type: 'Error', code: null, message: '', messageLength: 0, frameSource: 'none' },
  ...{ frames: [], stackOverflow: false, cause: null, errors: [], errorsTotal: 0, emitter: null },
};

const exitOne: ExitStatus = { type: 'code', code: 1 };

function pick(records: CandidateRecord[], status = exitOne, kind: CrashKind = 'exception') {
  return pickCandidate(records, { diedAtMs: 100_000, status, kind }, true);
}

test('the newest within ten seconds of the death, and what was thrown before a call of exit', () => {
  const exit = candidate(98_001, 'exit');
  const older = { ...candidate(97_000), thrown };
  const newest = { ...candidate(98_000), thrown };
  const abort = candidate(98_002, 'abort');
  assert.deepEqual(pick([exit]), { candidate: exit, problem: null });
  assert.deepEqual(pick([older, newest]), { candidate: newest, problem: null });
  assert.deepEqual(pick([older, newest, exit]), { candidate: newest, problem: null });
  assert.deepEqual(pick([older, abort]), { candidate: abort, problem: null });
  assert.deepEqual(pick([candidate(89_999)]), { candidate: null, problem: 'records-stale' });
  assert.deepEqual(pick([candidate(110_001)]), { candidate: null, problem: 'records-stale' });
  assert.deepEqual(pick([{ ...candidate(80_000), thrown }, exit]), { candidate: exit, problem: null });
});

test('an exception before a slow handler of the app, unless the app survives its exceptions', () => {
  const exit = candidate(99_900, 'exit');
  const handled = (atMs: number) => ({ ...candidate(atMs), thrown, appHandles: true });
  assert.equal(pick([handled(60_000), exit]).candidate?.atMs, 60_000);
  assert.equal(pick([handled(40_001), exit]).candidate?.atMs, 40_001);
  assert.equal(pick([handled(39_999), exit]).candidate, exit);
  assert.equal(pick([handled(20_000), handled(60_000), exit]).candidate, exit);
  assert.equal(pick([handled(20_000), handled(95_000), exit]).candidate?.atMs, 95_000);
  assert.equal(pick([handled(60_000)]).problem, 'records-stale');
});

test('no record: an armed worker owes one', () => {
  assert.equal(pick([]).problem, 'no-record');
  assert.equal(pickCandidate([], { diedAtMs: 0, status: exitOne, kind: 'exit' }, false).problem, 'not-armed');
});

test('an exception does not end in a fault, a kill or exhausted memory', () => {
  const refused = { candidate: null, problem: 'record-not-the-cause' };
  const records = [candidate(99_999)];
  assert.deepEqual(pick(records, { type: 'signal', signal: 'SIGSEGV' }, 'fault'), refused);
  assert.deepEqual(pick(records, { type: 'signal', signal: 'SIGKILL' }, 'oom-kill'), refused);
  assert.deepEqual(pick(records, { type: 'code', code: 139 }, 'fault'), refused);
  assert.deepEqual(pick(records, { type: 'signal', signal: 'SIGABRT' }, 'out-of-memory'), refused);
});

test('with --abort-on-uncaught-exception it ends in a signal', () => {
  const records = [candidate(99_999)];
  assert.equal(pick(records, { type: 'signal', signal: 'SIGILL' }, 'fault').candidate, records[0]);
  assert.equal(pick(records, { type: 'signal', signal: 'SIGABRT' }, 'abort').candidate, records[0]);
});
