import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CRASH_KINDS,
  type ExitEvidence,
  type ExitStatus,
  type NativeEvidence,
  type SupervisorReason,
} from '../model/exit.ts';
import { isReasonCode } from '../model/exit-reason.ts';
import { classifyExit } from './classify-exit.ts';

const nothing: ExitEvidence = {
  asked: null,
  passedOn: [],
  oomKills: 0,
  nodeTrailer: false,
  v8OutOfMemory: false,
  candidate: null,
  native: null,
  because: null,
  runtime: 'node',
};
const code = (n: number): ExitStatus => ({ type: 'code', code: n });
const signal = (name: string): ExitStatus => ({ type: 'signal', signal: name });
const unknown: ExitStatus = { type: 'unknown' };
const thrown = { event: 'uncaught', stackOverflow: false, whileLoading: false, byNode: false } as const;

type Row = [what: string, ExitStatus, Partial<ExitEvidence>, answer: string];

// answer: "-" not counted, "KIND" counted, "KIND?" suspected.
const TABLE: Row[] = [
  ['a normal end', code(0), {}, '-'],
  ['a masked crash', code(0), { candidate: thrown }, '-'],
  ['a normal end after another process printed that its heap is full', code(0), { v8OutOfMemory: true }, '-'],
  ['exit 1 with Node’s trailer', code(1), { nodeTrailer: true }, 'exception'],
  ['exit 1 with a record', code(1), { candidate: thrown }, 'exception'],
  [
    'a recorded overflow',
    code(1),
    { candidate: { event: 'uncaught', stackOverflow: true, whileLoading: false, byNode: false } },
    'stack-overflow',
  ],
  [
    'a recorded rejection',
    code(1),
    { candidate: { event: 'rejection', stackOverflow: false, whileLoading: false, byNode: false } },
    'rejection',
  ],
  [
    'a rejection whose listener exits',
    code(1),
    { candidate: { event: 'handled-rejection', stackOverflow: false, whileLoading: false, byNode: false } },
    'rejection',
  ],
  [
    'a caller of exit(1)',
    code(1),
    { candidate: { event: 'exit', stackOverflow: false, whileLoading: false, byNode: false } },
    'exit?',
  ],
  ['exit 1 and no evidence', code(1), {}, 'exit?'],
  ['exit 7, and Node printed an exception', code(7), { nodeTrailer: true }, 'exception'],
  ['exit 7 of the app itself', code(7), {}, 'exit?'],
  ['exit 7 with the original', code(7), { candidate: thrown }, 'exception'],
  ['exit 7 of another runtime', code(7), { runtime: 'other' }, 'exit?'],
  ['exit 7 of what was not seen', code(7), { runtime: 'unknown' }, 'exit?'],
  [
    'a start script that exits with its child',
    code(1),
    {
      candidate: { event: 'exit', stackOverflow: false, whileLoading: false, byNode: false },
      nodeTrailer: true,
    },
    'exception',
  ],
  ['a top-level await that never settles', code(13), {}, 'exit?'],
  [
    'the same, of Node 22 and later',
    code(13),
    { candidate: { event: 'exit', stackOverflow: false, whileLoading: false, byNode: true } },
    'exit?',
  ],
  ['a bad option', code(9), {}, 'exit?'],
  ['process.abort()', signal('SIGABRT'), {}, 'abort'],
  ['heap limit', signal('SIGABRT'), { v8OutOfMemory: true }, 'out-of-memory'],
  ['heap limit under npm', code(134), { v8OutOfMemory: true }, 'out-of-memory'],
  ['segmentation fault', signal('SIGSEGV'), {}, 'fault'],
  ['segmentation fault under a shell', code(139), {}, 'fault'],
  ['bus error', signal('SIGBUS'), {}, 'fault'],
  ['illegal instruction', signal('SIGILL'), {}, 'fault'],
  ['division by zero', signal('SIGFPE'), {}, 'fault'],
  ['seccomp', signal('SIGSYS'), {}, 'fault'],
  ['a broken pipe', signal('SIGPIPE'), {}, 'fault?'],
  ['the OOM killer', signal('SIGKILL'), { oomKills: 1 }, 'oom-kill'],
  ['the OOM killer under npm', code(137), { oomKills: 2 }, 'oom-kill'],
  ['kill -9', signal('SIGKILL'), {}, '-'],
  ['kill -9, counter unreadable', signal('SIGKILL'), { oomKills: null }, '-'],
  ['SIGTERM from outside', signal('SIGTERM'), {}, '-'],
  ['SIGINT from outside', signal('SIGINT'), {}, '-'],
  [
    'a handler that exits 143',
    code(143),
    { candidate: { event: 'exit', stackOverflow: false, whileLoading: false, byNode: false } },
    '-',
  ],
  ['SIGINT under a shell', code(130), {}, '-'],
  ['SIGHUP passed on', signal('SIGHUP'), { passedOn: ['SIGHUP'] }, '-'],
  ['SIGABRT passed on, of systemd’s watchdog', signal('SIGABRT'), { passedOn: ['SIGABRT'] }, 'abort'],
  ['SIGUSR2 passed on', signal('SIGUSR2'), { passedOn: ['SIGUSR2'] }, '-'],
  ['SIGUSR2 from elsewhere', signal('SIGUSR2'), {}, 'fault?'],
  ['a stop asked for', signal('SIGTERM'), { asked: { what: 'stop', signal: 'SIGTERM' } }, '-'],
  [
    'a stop that ended in exit 1',
    code(1),
    { asked: { what: 'stop', signal: 'SIGTERM' }, nodeTrailer: true },
    '-',
  ],
  ['a restart asked for', code(0), { asked: { what: 'restart', signal: 'SIGTERM' } }, '-'],
  ['unknown, nothing known', unknown, {}, '-'],
  ['unknown, with a report of an exception at the end', unknown, { reported: 'python' }, 'exit?'],
  [
    'unknown, the same after a stop',
    unknown,
    { asked: { what: 'stop', signal: 'SIGTERM' }, reported: 'python' },
    '-',
  ],
  ['unknown with a record', unknown, { candidate: thrown }, 'exception'],
  ['unknown with the trailer', unknown, { nodeTrailer: true }, 'exception'],
  ['unknown, heap limit', unknown, { v8OutOfMemory: true }, 'out-of-memory'],
  [
    'unknown, exit called',
    unknown,
    { candidate: { event: 'exit', stackOverflow: false, whileLoading: false, byNode: false } },
    'exit?',
  ],
];

for (const [what, status, evidence, answer] of TABLE) {
  test(`${what}: ${answer === '-' ? 'no crash' : answer}`, () => {
    const verdict = classifyExit(status, { ...nothing, ...evidence });
    const got = verdict.counted ? `${verdict.kind}${verdict.suspected ? '?' : ''}` : '-';
    assert.equal(got, answer, verdict.reason.code);
  });
}

test('every exit gets a consistent verdict with a known reason', () => {
  const status = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map(code),
    fc.constantFrom('SIGSEGV', 'SIGKILL', 'SIGXCPU', 'SIGRTMIN+3', 'SIGTERM').map(signal),
    fc.constant(unknown),
  );
  const candidate = fc.record({
    event: fc.constantFrom('uncaught', 'rejection', 'handled-rejection', 'exit', 'abort'),
    stackOverflow: fc.boolean(),
    whileLoading: fc.boolean(),
    byNode: fc.boolean(),
  });
  const evidence = fc.record({
    asked: fc.option(fc.record({ what: fc.constantFrom('stop', 'restart'), signal: fc.constant('SIGTERM') })),
    passedOn: fc.subarray(['SIGHUP', 'SIGUSR1', 'SIGUSR2']),
    oomKills: fc.option(fc.nat()),
    nodeTrailer: fc.boolean(),
    v8OutOfMemory: fc.boolean(),
    candidate: fc.option(candidate),
    native: fc.option(
      fc.record({
        kind: fc.constantFrom('fault', 'abort', 'stack-overflow'),
        signal: fc.constantFrom(null, 'SIGSEGV', 'SIGABRT', 'SIGPIPE'),
        sent: fc.boolean(),
      }),
    ),
    because: fc.constantFrom(null, 'success', 'oom-kill', 'watchdog', 'timeout', 'cannot-start'),
    runtime: fc.constantFrom('node', 'other', 'unknown'),
  });
  fc.assert(
    fc.property(status, evidence, (status, evidence) => {
      const verdict = classifyExit(status, evidence as ExitEvidence);
      if (verdict.counted) assert.ok(verdict.kind !== null);
      else if (verdict.kind !== null) assert.equal(verdict.reason.code, 'masked-exception');
      if (verdict.suspected) assert.ok(verdict.counted);
      if (verdict.kind !== null) assert.ok(CRASH_KINDS.includes(verdict.kind));
      assert.ok(isReasonCode(verdict.reason.code));
    }),
  );
});

const seen = (kind: NativeEvidence['kind'], first: string, status: ExitStatus, sent = false) =>
  classifyExit(status, { ...nothing, native: { kind, signal: first, sent } });

test('what a debugger saw names the kind', () => {
  assert.equal(seen('stack-overflow', 'SIGSEGV', signal('SIGSEGV')).kind, 'stack-overflow');
  assert.equal(seen('fault', 'SIGSEGV', signal('SIGSEGV')).kind, 'fault');
  assert.equal(seen('abort', 'SIGABRT', signal('SIGABRT')).kind, 'abort');
  // npm exits with a code of its own.
  assert.equal(seen('fault', 'SIGSEGV', code(1)).kind, 'fault');
  assert.equal(seen('fault', 'SIGSEGV', unknown).kind, 'fault');
});

test('the reason is about the first signal', () => {
  const reason = (...args: Parameters<typeof seen>) => seen(...args).reason;
  assert.deepEqual(reason('fault', 'SIGSEGV', signal('SIGABRT')), {
    code: 'invalid-memory-access',
    firstSignal: 'SIGSEGV',
  });
  assert.deepEqual(reason('stack-overflow', 'SIGSEGV', code(134)), {
    code: 'native-stack-overflow',
    ...{ firstSignal: 'SIGSEGV', shellSignal: 'SIGABRT' },
  });
  assert.deepEqual(reason('fault', 'SIGSEGV', signal('SIGSEGV'), true), { code: 'sent-signal' });
});

test('codes of Node mean something only where the process was seen to be Node', () => {
  for (const number of [7, 9, 13]) {
    for (const runtime of ['other', 'unknown'] as const) {
      const { reason } = classifyExit(code(number), { ...nothing, runtime });
      assert.equal(reason.code, 'unknown');
    }
    // Node ends with 7 only after it printed the exception of a handler.
    const seen = { ...nothing, nodeTrailer: number === 7 };
    assert.notEqual(classifyExit(code(number), seen).reason.code, 'unknown');
  }
});

test('what another supervisor says comes before the status', () => {
  const because = (reason: SupervisorReason, status: ExitStatus) =>
    classifyExit(status, { ...nothing, because: reason });
  const cases: [SupervisorReason, ExitStatus, boolean, string][] = [
    ['success', code(3), false, 'accepted-by-supervisor'],
    ['success', code(0), false, 'normal'],
    ['success', { type: 'signal', signal: 'SIGHUP' }, false, 'accepted-by-supervisor'],
    ['exception', code(0), true, 'uncaught-exception'],
    ['timeout', { type: 'unknown' }, false, 'supervisor-timeout'],
    ['timeout', { type: 'signal', signal: 'SIGTERM' }, false, 'supervisor-timeout'],
    ['watchdog', { type: 'signal', signal: 'SIGABRT' }, true, 'watchdog-abort'],
    ['oom-kill', { type: 'signal', signal: 'SIGKILL' }, true, 'oom-kill'],
    ['cannot-start', code(203), true, 'supervisor-cannot-start'],
  ];
  for (const [reason, status, isCounted, expected] of cases) {
    const verdict = because(reason, status);
    assert.deepEqual([verdict.counted, verdict.reason.code], [isCounted, expected], reason);
  }
});
