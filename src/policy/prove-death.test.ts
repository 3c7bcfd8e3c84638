import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LastWords } from '../model/last-words.ts';
import { type DeathEvidence, proveDeath } from './prove-death.ts';

const WORDS: LastWords = {
  ...{ form: 'panic', thread: 'main', handled: false, pid: null, signal: null, version: null },
  error: { type: null, calls: [], members: [], refuted: 0, cut: 0 },
  ...{ causes: [], from: 0, to: 1, linesAfter: 0 },
};
const CODE_2 = { type: 'code', code: 2 } as const;

const prove = (words: Partial<LastWords>, evidence: Partial<DeathEvidence> = {}) =>
  proveDeath({
    ...{ status: CODE_2, runtime: 'go', pid: 7, silenceMs: 1 },
    ...{ ...evidence, words: { ...WORDS, ...words } },
  });

test('a panic of Go proves exit 2', () => assert.equal(prove({}), 'proven'));
test('lines after it change nothing: other threads write too', () =>
  assert.equal(prove({ linesAfter: 3 }), 'proven'));
test('another exit code has another reason', () =>
  assert.equal(prove({}, { status: { type: 'code', code: 3 } }), 'printed'));
test('what the app caught was printed by it', () => assert.equal(prove({ handled: true }), 'printed'));
test('words of another process say nothing', () => assert.equal(prove({ pid: 8 }), null));
test('what was printed long before did not end the process', () =>
  assert.equal(prove({}, { silenceMs: 3_001 }), null));
test('a dump that .NET writes comes between its words and its end', () => {
  const aborted = { runtime: 'dotnet', status: { type: 'signal', signal: 'SIGABRT' } } as const;
  const words = { form: 'uncaught', linesAfter: 0 };
  assert.equal(prove(words, aborted), 'proven');
  assert.equal(prove(words, { ...aborted, silenceMs: 60_000 }), 'likely');
  assert.equal(prove(words, { ...aborted, silenceMs: 300_001 }), null);
  assert.equal(prove({ ...words, linesAfter: 1 }, { ...aborted, silenceMs: 60_000 }), null);
  assert.equal(prove(words, { ...aborted, status: { type: 'code', code: 1 }, silenceMs: 60_000 }), null);
});
test('a form that is not in the table says nothing', () => assert.equal(prove({ form: 'other' }), null));
test('a signal does not end a process because of an exception that it printed before', () =>
  assert.equal(prove({}, { status: { type: 'signal', signal: 'SIGKILL' } }), null));

test('a probe that would have recorded it proves that the app printed it', () => {
  const python = { runtime: 'python', unrecorded: true } as const;
  const code = (n: number) => ({ ...python, status: { type: 'code', code: n } as const });
  assert.equal(prove({ form: 'traceback' }, { ...code(1), unrecorded: false }), 'likely');
  assert.equal(prove({ form: 'traceback' }, code(1)), 'printed');
  assert.equal(prove({ form: 'worker-boot' }, code(3)), 'likely');
  const fault = { ...python, status: { type: 'signal', signal: 'SIGSEGV' } as const };
  assert.equal(prove({ form: 'fatal-error' }, fault), 'proven');
});
