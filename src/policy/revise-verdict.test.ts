import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { LastWords } from '../model/last-words.ts';
import { type ReadDeath, reviseVerdict } from './revise-verdict.ts';

const EXIT_1: ExitStatus = { type: 'code', code: 1 };
const SIGABRT: ExitStatus = { type: 'signal', signal: 'SIGABRT' };
const SUSPECTED: ExitVerdict = {
  ...{ counted: true, suspected: true, kind: 'exit' },
  reason: { code: 'unknown' },
};
const ABORT: ExitVerdict = { counted: true, suspected: false, kind: 'abort', reason: { code: 'abort' } };

function death(more: Partial<ReadDeath> & { form?: string; signal?: string } = {}): ReadDeath {
  const { form = 'uncaught', signal = null, ...others } = more;
  const error = { type: 'KeyError', calls: [], members: [], refuted: 0, cut: 0 };
  const words: LastWords = {
    ...{ form, error, causes: [], thread: null, handled: false, pid: null, signal, version: null },
    ...{ from: 0, to: 1, linesAfter: 0 },
  };
  return { status: EXIT_1, runtime: 'python', words, proof: 'likely', ...others };
}

test('proven or likely, a suspected exit becomes an exception', () => {
  const likely = { code: 'likely-exception', runtime: 'python' };
  const proven = { code: 'reported-exception', runtime: 'go' };
  const counted = { counted: true, suspected: false, kind: 'exception' };
  assert.deepEqual(reviseVerdict(SUSPECTED, death()), { ...counted, reason: likely });
  assert.deepEqual(reviseVerdict(SUSPECTED, death({ runtime: 'go', proof: 'proven' })), {
    ...counted,
    reason: proven,
  });
});

test('what was only printed changes nothing, nor does anything of an exit that does not count', () => {
  assert.equal(reviseVerdict(SUSPECTED, death({ proof: 'printed' })), SUSPECTED);
  const normal: ExitVerdict = { counted: false, suspected: false, kind: null, reason: { code: 'normal' } };
  assert.equal(reviseVerdict(normal, death({ proof: 'proven' })), normal);
});

test('an abort by an exception is one, except where a debugger also calls it an abort', () => {
  const aborted = { status: SIGABRT, proof: 'proven' } as const;
  assert.equal(reviseVerdict(ABORT, death({ ...aborted, runtime: 'dotnet' })).kind, 'exception');
  for (const runtime of ['native', 'rust'] as const)
    assert.equal(reviseVerdict(ABORT, death({ ...aborted, runtime })), ABORT);
  assert.equal(reviseVerdict(ABORT, death({ ...aborted, signal: 'SIGABRT' })), ABORT);
});

test('what the exit proves stays: memory, a fault, an unknown status', () => {
  for (const kind of ['out-of-memory', 'oom-kill', 'fault'] as const) {
    const verdict = { ...ABORT, kind };
    assert.equal(reviseVerdict(verdict, death({ proof: 'proven' })), verdict);
  }
  assert.equal(reviseVerdict(SUSPECTED, death({ status: { type: 'unknown' } })), SUSPECTED);
});

test('Node says what kind of exception it was', () => {
  const exception: ExitVerdict = { ...ABORT, kind: 'exception', reason: { code: 'printed-exception' } };
  const node = { runtime: 'node', proof: 'proven' } as const;
  const kinds = ['exception', 'rejection', 'stack-overflow'].map(
    (form) => reviseVerdict(exception, death({ ...node, form })).kind,
  );
  assert.deepEqual(kinds, ['exception', 'rejection', 'stack-overflow']);
});
