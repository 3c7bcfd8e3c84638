import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES, type PublicFault } from '../model/fault.ts';
import { addressWords, faultWords, shortFaultWords } from './fault-words.ts';

const fault = (fields: Partial<PublicFault>): PublicFault => ({
  summary: 'null-access',
  siCode: 1,
  addressClass: 'null',
  systemCall: null,
  abortKind: null,
  ...fields,
});

test('faultWords describes each fatal signal', () => {
  for (const [fields, type, words, short] of [
    [{}, null, 'access to a null pointer', 'null access'],
    [{ summary: 'stack-overflow' }, null, 'stack overflow', 'stack overflow'],
    [{ summary: 'abort', abortKind: 'double-free' }, null, 'double free', 'double free'],
    [{ summary: 'abort' }, null, 'process aborted itself', ''],
    [
      { summary: 'abort', abortKind: 'uncaught-exception' },
      'app::MyError',
      'uncaught C++ exception app::MyError',
      'C++ exception',
    ],
    [{ summary: 'abort', abortKind: 'uncaught-exception' }, null, 'uncaught C++ exception', 'C++ exception'],
    // A type that was in flight is not what ended the process here.
    [{ summary: 'abort', abortKind: 'assertion' }, 'app::MyError', 'failed assertion', 'assertion'],
    [
      { summary: 'forbidden-system-call', systemCall: 101 },
      null,
      'system call 101 blocked by seccomp',
      'seccomp',
    ],
    [{ summary: 'forbidden-system-call' }, null, 'system call blocked by seccomp', 'seccomp'],
    [{ summary: 'bad-system-call', systemCall: 999 }, null, 'unknown system call 999', 'bad system call'],
  ] as const) {
    assert.equal(faultWords(fault(fields), type), words);
    assert.equal(shortFaultWords(fault(fields)), short);
  }
});

test('every summary and abort kind has words that fit a column', () => {
  for (const summary of FAULT_SUMMARIES) {
    for (const abortKind of [null, ...ABORT_KINDS]) {
      assert.notEqual(faultWords(fault({ summary, abortKind }), null), '');
      assert.ok(shortFaultWords(fault({ summary, abortKind })).length <= 22);
    }
  }
  for (const addressClass of ADDRESS_CLASSES) assert.notEqual(addressWords(addressClass), '');
});
