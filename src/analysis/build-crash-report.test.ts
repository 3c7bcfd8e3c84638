import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CandidateRecord, RawFrame, ThrownValue } from '../model/probe-record.ts';
import { problem } from '../model/problem.ts';
import { buildCrashReport } from './build-crash-report.ts';
import type { CaptureInput } from './capture-input.ts';
import { formatPrivateLog } from './private-log.ts';
import { formatStderrLog } from './stderr-log.ts';

const source = 'function total() {\n\tthrow "no";\n}\n';

function raw(fields: Partial<RawFrame> = {}): RawFrame {
  return { function: 'total', file: '/srv/shop/a.js', line: 2, column: 2, async: false, ...fields };
}

function thrown(fields: Partial<ThrownValue> = {}): ThrownValue {
  return {
    ...{ isError: true, type: 'TypeError', code: null, message: 'private words', messageLength: 13 },
    ...{
      frameSource: 'call-site',
      frames: [raw()],
      stackOverflow: false,
      cause: null,
      errors: [],
      errorsTotal: 0,
      emitter: null,
    },
    ...fields,
  };
}

function candidate(fields: Partial<CandidateRecord> = {}): CandidateRecord {
  return {
    ...{ v: 1, type: 'candidate', pid: 7, event: 'uncaught', atMs: 999, uptimeS: 1, thrown: thrown() },
    ...{ callerFrames: [], exitCode: null, appHandles: false, tookMs: null, stderrOffset: null },
    ...fields,
  };
}

function input(fields: Partial<CaptureInput> = {}): CaptureInput {
  return {
    ...{ id: 'a1b2c3d4e5f6', app: 'shop', instance: 'web-1', diedAtMs: 1000, kind: 'exception', armed: true },
    ...{
      status: { type: 'code', code: 1 },
      appRoot: '/srv/shop',
      workspaceRoot: null,
      claim: null,
      candidates: [candidate()],
    },
    ...{ stderr: null, native: null, problems: [] },
    symbols: { mapFrames: (frames) => [...frames], problems: () => [] },
    readSource: (path) => (path === '/srv/shop/a.js' ? source : null),
    isOnDisk: (path) => path.startsWith('/srv/'),
    scripts: { hashes: () => [], strippedHashes: () => [], changedAtMs: () => null },
    memory: null,
    heapMemory: null,
    heapLimitBytes: () => 2_000_000,
    ...fields,
  };
}

function stderr(text: string, offset = 0): CaptureInput['stderr'] {
  return { bytes: Buffer.from(text), offset };
}

test('an exception: type, message, frames, causes, members', () => {
  const cause = thrown({ type: 'RangeError', cause: thrown({ type: 'string', isError: false }) });
  const aggregate = thrown({ type: 'AggregateError', cause, errors: [thrown()], errorsTotal: 12 });
  const report = buildCrashReport(input({ candidates: [candidate({ thrown: aggregate })] }));
  assert.equal(report.kind, 'exception');
  assert.equal(report.exception?.type, 'AggregateError');
  assert.equal(report.exception?.message, 'private words');
  assert.equal(report.exception?.members.length, 1);
  assert.equal(report.exception?.membersTotal, 12);
  assert.deepEqual(
    report.causes.map(({ type }) => type),
    ['RangeError', 'string'],
  );
  assert.deepEqual(report.frames, [
    {
      ...{ function: 'total', file: '/srv/shop/a.js', line: 2, column: 2, module: null, inApp: true },
      ...{ repeat: 1, trust: 'call-site' },
    },
  ]);
  assert.deepEqual(report.problems, []);
});

test('the record decides the kind', () => {
  const kinds = [
    [candidate(), 'exception'],
    [candidate({ event: 'rejection' }), 'rejection'],
    [candidate({ event: 'handled-rejection' }), 'rejection'],
    [candidate({ thrown: thrown({ stackOverflow: true }) }), 'stack-overflow'],
    [candidate({ event: 'exit', thrown: null, callerFrames: [raw()] }), 'exit'],
    [candidate({ event: 'abort', thrown: null, callerFrames: [raw()] }), 'abort'],
  ] as const;
  for (const [record, kind] of kinds) {
    const report = buildCrashReport(input({ candidates: [record] }));
    assert.equal(report.kind, kind);
    assert.equal(report.frames.length, 1);
  }
});

test('a thrown string gets the place of the throw, from exactly where the record points', () => {
  const record = candidate({
    thrown: thrown({ isError: false, type: 'string', frameSource: 'none', frames: [] }),
    stderrOffset: 107,
  });
  const text = 'before\n\n/srv/shop/a.js:2\n\tthrow "no";\n\t^\n/srv/shop/a.js:1\nfunction total() {\n^\n';
  const report = buildCrashReport(input({ candidates: [record], stderr: stderr(text, 100) }));
  assert.deepEqual(
    report.frames.map(({ line, column, trust }) => ({ line, column, trust })),
    [{ line: 2, column: 2, trust: 'throw-site' }],
  );
  assert.deepEqual(report.problems, [problem('thrown-no-error')]);

  const cut = buildCrashReport(input({ candidates: [record], stderr: stderr(text, 200) }));
  assert.deepEqual(cut.frames, []);
});

test('a throw site that the file does not confirm is not shown', () => {
  const record = candidate({ thrown: thrown({ frameSource: 'none', frames: [] }), stderrOffset: 0 });
  const text = '/srv/shop/a.js:2\nprivate words\n^\n';
  const report = buildCrashReport(input({ candidates: [record], stderr: stderr(text) }));
  assert.deepEqual(report.frames, []);
  assert.deepEqual(report.problems, [problem('throw-site-unconfirmed'), problem('no-frames')]);
});

test('frames from text are vouched for', () => {
  const frames = [raw(), raw({ function: 'alice' })];
  const record = candidate({ thrown: thrown({ frameSource: 'text', frames }) });
  const report = buildCrashReport(input({ candidates: [record] }));
  assert.deepEqual(
    report.frames.map((frame) => frame.trust),
    ['vouched-text'],
  );
  assert.deepEqual(report.problems, [problem('text-frames-dropped', 1)]);
});

test('exhausted memory: sizes from V8, no stack, and no exception that came before', () => {
  const text =
    '<--- Last few GCs --->\n x 1.0 (2.0) -> 1.0 (2.0) MB\n' +
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';
  const died = {
    status: { type: 'signal', signal: 'SIGABRT' },
    kind: 'abort',
    stderr: stderr(text),
  } as const;
  const report = buildCrashReport(input(died));
  assert.equal(report.kind, 'out-of-memory');
  assert.equal(report.exception, null);
  assert.deepEqual(report.heap, { usedBytes: 1048576, committedBytes: 2097152, limitBytes: 2_000_000 });
  assert.deepEqual(report.problems, [problem('record-not-the-cause')]);
  // A child of the worker said it, and the worker itself left with a code.
  assert.equal(buildCrashReport(input({ stderr: stderr(text) })).kind, 'exception');
});

test('symbols that fail cost the positions, not the report', () => {
  const symbols: CaptureInput['symbols'] = {
    mapFrames: () => {
      throw new Error('x');
    },
    problems: () => [problem('source-map-damaged', 1)],
  };
  const report = buildCrashReport(input({ symbols }));
  assert.equal(report.frames.length, 1);
  assert.deepEqual(report.problems, [problem('symbols-failed'), problem('source-map-damaged', 1)]);
});

test('nothing captured: the log is written from standard error alone, safe to show', () => {
  const text = '\x1b[31mError: boom\x1b[0m\x07\n\nNode.js v20.1.0\n';
  const report = buildCrashReport(input({ armed: false, candidates: [], stderr: stderr(text) }));
  assert.equal(report.exception, null);
  assert.deepEqual(report.runtime, { name: 'node', version: '20.1.0' });
  assert.deepEqual(report.problems, [problem('not-armed')]);
  assert.equal(
    formatPrivateLog(report, text),
    `Crash a1b2c3d4e5f6
  app       shop
  instance  web-1
  time      1970-01-01T00:00:01.000Z
  kind      exception
  runtime   Node.js v20.1.0

Problems
  - No call stack: the worker was not armed.

Standard error, last lines
  | Error: boom\\x07
  |${' '}
  | Node.js v20.1.0
`,
  );
});

test('the log of an exit without a capture', () => {
  const at = { wallMs: 1000, monotonicMs: 0, bootId: '' };
  const text = formatStderrLog({
    app: 'shop',
    instance: 'web-1',
    ended: {
      ...{ id: 'a1b2c3d4e5f6', startedAt: at, pid: 7, pidStartTicks: 1, armed: false, commandHash: '' },
      ...{ diedAt: at, status: { type: 'code', code: 1 }, crashesInWindow: 1, captured: false },
      ...{ process: { role: 'main' }, replacedAfterMs: null, impact: null },
      verdict: { counted: true, suspected: false, kind: 'exception', reason: { code: 'uncaught-exception' } },
    },
    stderrTail: 'Caused by\n',
  });
  assert.equal(
    text,
    `Crash a1b2c3d4e5f6
  app       shop
  instance  web-1
  time      1970-01-01T00:00:01.000Z
  kind      exception
  reason    exit 1: uncaught exception

Problems
  - No call stack: the worker was not armed.

Standard error, last lines
  | Caused by
`,
  );
});

test('the log holds the full message, which cannot pass for a heading', () => {
  const message = 'first\nCaused by Nothing\n\x1b[2J';
  const record = candidate({
    thrown: thrown({
      code: 'E_NO',
      message,
      messageLength: 1000,
      cause: thrown(),
      frames: [raw(), raw(), raw({ file: 'node:fs' })],
    }),
  });
  assert.equal(
    formatPrivateLog(buildCrashReport(input({ candidates: [record] })), null),
    `Crash a1b2c3d4e5f6
  app       shop
  instance  web-1
  time      1970-01-01T00:00:01.000Z
  kind      exception

TypeError [E_NO]
  first
  Caused by Nothing
  \\x1b[2J
  (972 more characters were not kept)

Call stack, innermost first (> is your own code)
  > total (/srv/shop/a.js:2:2)  × 2
    total (node:fs:2:2)  [node]

Caused by: TypeError
  private words
Call stack, innermost first (> is your own code)
  > total (/srv/shop/a.js:2:2)
`,
  );
});

test('no problem ever holds a word of the worker', () => {
  const word = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `Zq${text}`);
  fc.assert(
    fc.property(word, fc.constantFrom('call-site', 'text', 'none'), (hidden, frameSource) => {
      const frames = [raw({ file: hidden, function: hidden }), raw({ file: `/${hidden}` })];
      const value = thrown({
        type: hidden,
        code: hidden,
        message: hidden,
        frames,
        frameSource,
        isError: false,
      });
      const record = candidate({ thrown: { ...value, cause: value, errors: [value] }, stderrOffset: 0 });
      const text = `${hidden}:1\n${hidden}\n^\n${hidden}\n`;
      const report = buildCrashReport(input({ candidates: [record], stderr: stderr(text) }));
      assert.ok(!JSON.stringify(report.problems).includes('Zq'));
      formatPrivateLog(report, text);
    }),
  );
});
