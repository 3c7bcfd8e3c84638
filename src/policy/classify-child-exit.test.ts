import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitStatus } from '../model/exit.ts';
import { type ChildEvidence, classifyChildExit } from './classify-child-exit.ts';

const NONE: ChildEvidence = {
  ...{ oomKills: 0, nodeTrailer: false, v8OutOfMemory: false },
  ...{ candidate: null, native: null, runtime: 'other', master: 'gunicorn', hung: false },
};
const code = (value: number): ExitStatus => ({ type: 'code', code: value });
const signal = (name: string): ExitStatus => ({ type: 'signal', signal: name });
const reasonOf = (status: ExitStatus, more: Partial<ChildEvidence> = {}) => {
  const verdict = classifyChildExit(status, { ...NONE, ...more });
  return verdict === null ? null : [verdict.reason.code, verdict.counted];
};

test('what a master ends on purpose is nothing', () => {
  assert.equal(reasonOf(code(0)), null);
  assert.equal(reasonOf(signal('SIGTERM')), null);
  assert.equal(reasonOf(signal('SIGQUIT')), null);
  assert.equal(reasonOf(signal('SIGHUP')), null);
  assert.equal(reasonOf(code(143)), null);
  assert.equal(reasonOf({ type: 'unknown' }), null);
});

test('a worker whose code ends its master is not a second crash', () => {
  assert.equal(reasonOf(code(3)), null);
  assert.equal(reasonOf(code(4)), null);
  assert.deepEqual(reasonOf(code(3), { master: 'puma' }), ['unknown', true]);
});

test('a hang is shown, and does not count', () => {
  assert.deepEqual(reasonOf(code(1), { hung: true }), ['worker-timeout', false]);
  assert.deepEqual(reasonOf(signal('SIGKILL'), { hung: true }), ['worker-timeout', false]);
});

test('what was read at the exit of a worker says why it ended', () => {
  const candidate = { event: 'uncaught', stackOverflow: false, whileLoading: false, byNode: false } as const;
  assert.deepEqual(reasonOf(code(1), { candidate, runtime: 'node' }), ['uncaught-exception', true]);
  assert.deepEqual(reasonOf(code(0), { candidate, runtime: 'node' }), ['masked-exception', false]);
  assert.equal(reasonOf(code(0), { candidate: { ...candidate, event: 'exit' }, runtime: 'node' }), null);
});

test('the rest is judged like any exit', () => {
  assert.deepEqual(reasonOf(code(1)), ['unknown', true]);
  assert.deepEqual(reasonOf(code(1), { runtime: 'node', nodeTrailer: true }), ['printed-exception', true]);
  assert.deepEqual(reasonOf(signal('SIGSEGV')), ['invalid-memory-access', true]);
  assert.deepEqual(reasonOf(signal('SIGKILL')), ['killed', false]);
  assert.deepEqual(reasonOf(signal('SIGKILL'), { oomKills: 1 }), ['oom-kill', true]);
});
