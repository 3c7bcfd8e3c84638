import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastWordsOf, printedError } from '../../test/support/last-words-of.ts';
import type { LastWords, VouchedCall } from '../model/last-words.ts';
import type { Runtime } from '../model/runtime.ts';
import { lastWordsReport } from './last-words-report.ts';

const call = (name: string, file: string | null, line: number, vouched: true | null): VouchedCall => ({
  ...{ function: name, file, line, column: null, vouched },
});

function report(words: LastWords, runtime: Runtime) {
  return lastWordsReport({
    ...{ id: '0a1b2c3d4e5f', app: 'shop', instance: 'web-1', diedAtMs: 1, startedAtMs: 0, kind: 'exception' },
    ...{ status: { type: 'code', code: 1 }, appRoot: '/srv/shop', workspaceRoot: null, problems: [] },
    ...{ runtime, words, proof: 'likely', readSource: () => null, isOnDisk: () => true },
    symbols: { mapFrames: (frames) => [...frames], problems: () => [] },
    scripts: { hashes: () => [], strippedHashes: () => [], changedAtMs: () => null },
    pathOf: (file) => file,
  });
}

test('frames have origin, trust, and a line only if the call is vouched for', () => {
  const own = call('total', '/srv/shop/cart.py', 12, true);
  const library = call('dispatch', '/x/site-packages/flask/app.py', 9, null);
  const { frames, problems, runtime, source, proof } = report(
    lastWordsOf(printedError('ValueError', [own, library]), { version: '3.11.2' }),
    'python',
  );
  assert.deepEqual(frames, [
    {
      ...{ function: 'total', file: '/srv/shop/cart.py', line: 12, column: null },
      ...{ module: null, inApp: true, repeat: 1, trust: 'vouched-text' },
    },
    {
      ...{ function: 'dispatch', file: '/x/site-packages/flask/app.py', line: null, column: null },
      ...{ module: 'flask', inApp: false, repeat: 1, trust: 'printed' },
    },
  ]);
  assert.deepEqual(problems, [{ code: 'printed-calls-unchecked', count: 1 }]);
  assert.deepEqual([runtime, source, proof], [{ name: 'python', version: '3.11.2' }, 'last-words', 'likely']);
});

test('recursion is folded', () => {
  const deep = Array.from({ length: 900 }, () => call('walk', '/srv/shop/walk.rb', 3, true));
  const { frames } = report(lastWordsOf(printedError('SystemStackError', deep)), 'ruby');
  assert.deepEqual(
    frames.map(({ function: name, repeat }) => [name, repeat]),
    [['walk', 900]],
  );
});

test('causes and members keep their order, and what was left out is counted', () => {
  const members = [printedError('KeyError', [], { refuted: 1, ambiguous: 2 })];
  const found = report(
    lastWordsOf(printedError('ExceptionGroup', [], { members, refuted: 2, ambiguous: 1, cut: 5 }), {
      causes: [printedError('OSError', []), printedError('ValueError', [], { refuted: 1 })],
    }),
    'python',
  );
  assert.deepEqual(
    found.exception?.members.map(({ type }) => type),
    ['KeyError'],
  );
  assert.deepEqual(
    found.causes.map(({ type }) => type),
    ['OSError', 'ValueError'],
  );
  assert.deepEqual(found.problems, [
    { code: 'printed-no-calls' },
    { code: 'printed-calls-refuted', count: 4 },
    { code: 'printed-calls-ambiguous', count: 3 },
    { code: 'frames-cut', count: 5 },
  ]);
});

test('an exception that the JVM made without a stack is said to be one', () => {
  const problems = (type: string) =>
    report(lastWordsOf(printedError(type, []), { form: 'uncaught' }), 'java').problems;
  assert.deepEqual(problems('java.lang.NullPointerException'), [{ code: 'jvm-omits-stack' }]);
  assert.deepEqual(problems('java.lang.OutOfMemoryError'), [{ code: 'printed-no-calls' }]);
});

test('a fatal error without a type is named after its form', () => {
  const limit = report(lastWordsOf(printedError(null, []), { form: 'memory-limit' }), 'php');
  assert.equal(limit.exception?.type, 'memory limit exceeded');
  assert.equal(report(lastWordsOf(printedError(null, []), { form: 'bug' }), 'ruby').exception, null);
});
