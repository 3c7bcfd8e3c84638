import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import type { ExitStatus } from '../model/exit.ts';
import { REASON_CODES } from '../model/exit-reason.ts';
import { readReason } from '../model/read-reason.ts';
import { exitReasonWords } from './exit-reason-words.ts';

const exit = (code: number): ExitStatus => ({ type: 'code', code });
const signal = (name: string): ExitStatus => ({ type: 'signal', signal: name });

test('how and why a process ended', () => {
  const cases: [string, ExitStatus, string][] = [
    ['uncaught-exception', exit(1), 'exit 1: uncaught exception'],
    [
      'process-exit',
      { type: 'unknown' },
      'exit status unknown: exited deliberately (process.exit or process.exitCode)',
    ],
    ['invalid-memory-access', signal('SIGSEGV'), 'SIGSEGV: invalid memory access'],
    [
      'invalid-memory-access shellSignal=SIGSEGV',
      exit(139),
      'exit 139 (SIGSEGV, reported by a shell): invalid memory access',
    ],
    [
      'invalid-memory-access firstSignal=SIGSEGV',
      signal('SIGABRT'),
      'SIGSEGV: invalid memory access, then SIGABRT from its own signal handler',
    ],
    ['stop-requested firstSignal=SIGTERM', exit(0), 'stopped on request (SIGTERM, then exit 0)'],
    ['stop-requested', exit(0), 'exit 0: stopped on request'],
    ['reported-exception runtime=go', exit(2), "exit 2: uncaught exception (from Go's own report)"],
    ['reported-fatal-error runtime=php', exit(255), "exit 255: fatal error (from PHP's own report)"],
    [
      'likely-exception runtime=python',
      exit(1),
      "exit 1: likely uncaught exception (from Python's own report)",
    ],
    ['later-code', exit(3), 'exit 3: unknown reason "later-code"'],
    ['No code', exit(3), 'exit 3: reason withheld (unknown to this version of crashmon)'],
  ];
  for (const [reason, status, words] of cases)
    assert.equal(exitReasonWords(readReason(reason), status), words);
});

test('docs/report-schema.md lists every code', () => {
  const docs = readFileSync(path.join(CHECKOUT, 'docs', 'report-schema.md'), 'utf8');
  const [, section = ''] = docs.split('\n## Reasons\n');
  const listed = [...section.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
  assert.deepEqual(listed.toSorted(), REASON_CODES.toSorted());
});

test('every code has words on one line', () => {
  for (const code of REASON_CODES) {
    assert.match(exitReasonWords({ code }, exit(1)), /^exit 1: [^\n]{5,90}[^.\n]$/);
    assert.doesNotMatch(exitReasonWords({ code }, exit(1)), /unknown reason/);
  }
});
