import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { signalCode } from './signal-code.ts';
import { signalName } from './signal-name.ts';

test('names agree with those of the system', () => {
  // Two names of one number: the older is a synonym.
  const synonyms = new Set(['SIGIOT', 'SIGPOLL', 'SIGUNUSED', 'SIGCLD']);
  for (const [name, number] of Object.entries(constants.signals)) {
    if (!synonyms.has(name)) assert.equal(signalName(number), name);
  }
});

test('real-time signals are counted from the first that programs get', () => {
  assert.deepEqual([32, 34, 35, 64].map(signalName), [null, 'SIGRTMIN', 'SIGRTMIN+1', 'SIGRTMIN+30']);
  assert.deepEqual([0, -1, 65, 1.5, Number.NaN].map(signalName), [null, null, null, null, null]);
});

test('a code means what its signal makes of it', () => {
  const nameOf = (signal: string | null, code: number) => signalCode(signal, code)?.name ?? null;
  assert.equal(nameOf('SIGSEGV', 1), 'SEGV_MAPERR');
  assert.equal(nameOf('SIGBUS', 2), 'BUS_ADRERR');
  assert.equal(nameOf('SIGFPE', 1), 'FPE_INTDIV');
  assert.equal(nameOf('SIGSYS', 1), 'SYS_SECCOMP');
  assert.equal(nameOf('SIGSEGV', 128), 'SI_KERNEL');
  assert.equal(nameOf('SIGABRT', -6), 'SI_TKILL');
  assert.equal(nameOf(null, 0), 'SI_USER');
  for (const [signal, code] of [
    ['SIGABRT', 1],
    ['SIGSEGV', 77],
    ['constructor', 1],
    [null, 1],
  ] as const) {
    assert.equal(nameOf(signal, code), null);
  }
});
