import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CRASH_KINDS, type ExitStatus } from '../model/exit.ts';
import { NO_CAPTURE_REASONS, type NoCapture } from '../model/no-capture.ts';
import { RUNTIMES } from '../model/runtime.ts';
import { counted, notCounted, suspected } from './exit-verdict.ts';
import { type EndedWorker, noCaptureAfter, noCaptureOfRunning } from './no-capture.ts';

const code = (n: number): ExitStatus => ({ type: 'code', code: n });
const signal = (name: string): ExitStatus => ({ type: 'signal', signal: name });
const exit = suspected('exit', 'unknown');

const ARMED_NODE: EndedWorker = {
  status: code(1),
  verdict: exit,
  captured: false,
  armed: true,
  runtime: 'node',
  probeOf: 'node',
  probed: true,
  withoutDebugger: false,
  withoutState: false,
  onlyWatched: false,
  nodeTrailer: false,
};

type Row = [what: string, Partial<EndedWorker>, answer: NoCapture['why'] | 'possible'];
const TABLE: Row[] = [
  [
    'a captured exception',
    { captured: true, verdict: counted('exception', 'uncaught-exception') },
    'possible',
  ],
  ['an exit 1 of Node that was not armed', { armed: false, probed: false }, 'possible'],
  ['an exit 1 of what was not seen', { armed: false, probed: false, runtime: null }, 'possible'],
  ['an armed exit without a record', {}, 'no-record'],
  ['an exception below the main process', { nodeTrailer: true }, 'other-process'],
  ['an armed exit without the probe', { probed: false, runtime: null }, 'no-probe'],
  ['an exit of a watched Node.js service', { onlyWatched: true, armed: false, probed: false }, 'possible'],
  ['an exit of one without an exception, which was read', { onlyWatched: true }, 'no-record'],
  ['an exit of a watched service in Python', { onlyWatched: true, runtime: 'python' }, 'only-watched'],
  ['an exit of one that a debugger watched', { onlyWatched: true, probed: false }, 'possible'],
  ['a fault of a watched Node.js service', fault({ onlyWatched: true }), 'possible'],
  ['a fault of a watched service in Python', fault({ onlyWatched: true, runtime: 'python' }), 'possible'],
  ['a fault of a watched service in Go', fault({ onlyWatched: true, runtime: 'go' }), 'only-watched'],
  ['an exit of Python', { armed: false, probed: false, runtime: 'python' }, 'possible'],
  ['an exit of Python with its probe', { runtime: 'python', probeOf: 'python' }, 'no-record'],
  [
    'an exit of Python that did not load it',
    { probed: false, runtime: 'python', probeOf: 'python' },
    'no-probe',
  ],
  ['an exit of Python with the probe of Node.js', { probed: false, runtime: 'python' }, 'possible'],
  ['an exit of PHP', { armed: false, probed: false, runtime: 'php' }, 'runtime'],
  ['a Go panic', { status: code(2), probed: false, runtime: 'go' }, 'runtime'],
  ['a fault of Python', fault({ runtime: 'python' }), 'possible'],
  ['a fault without a debugger', fault({ withoutDebugger: true }), 'no-debugger'],
  [
    'a fault that was not armed, without a debugger',
    fault({ withoutDebugger: true, armed: false }),
    'possible',
  ],
  ['a fault of Java', fault({ runtime: 'java', armed: false }), 'untraced'],
  [
    'an OOM kill of what is only watched',
    {
      ...{ status: signal('SIGKILL'), verdict: counted('oom-kill', 'oom-kill') },
      ...{ armed: false, probed: false, runtime: 'python', onlyWatched: true },
    },
    'oom-kill',
  ],
  [
    'an OOM kill that was too fast for an armed run',
    { status: signal('SIGKILL'), verdict: counted('oom-kill', 'oom-kill') },
    'oom-kill',
  ],
  [
    'an OOM kill that was not armed',
    { status: signal('SIGKILL'), verdict: counted('oom-kill', 'oom-kill'), armed: false, probed: false },
    'possible',
  ],
  [
    'an exhausted heap',
    { status: signal('SIGABRT'), verdict: counted('out-of-memory', 'heap-exhausted') },
    'possible',
  ],
  ['exit 13 of Node', { status: code(13) }, 'top-level-await'],
  ['exit 13 of Python', { status: code(13), runtime: 'python', probeOf: 'python' }, 'no-record'],
  ['exit 9 before any code', { status: code(9), probed: false }, 'bad-option'],
  ['exit 9 of an app', { status: code(9) }, 'no-record'],
  ['exit 127 of a shell', { status: code(127), probed: false, runtime: null }, 'not-started'],
];

function fault(more: Partial<EndedWorker>): Partial<EndedWorker> {
  return {
    status: signal('SIGSEGV'),
    verdict: counted('fault', 'invalid-memory-access'),
    probed: false,
    ...more,
  };
}

for (const [what, facts, answer] of TABLE) {
  test(`${what}: ${answer}`, () => {
    assert.equal(noCaptureAfter({ ...ARMED_NODE, ...facts }, null)?.why ?? 'possible', answer);
  });
}

test('what an armed run taught holds for the same code, until a crash of another kind comes', () => {
  const unarmed = { ...ARMED_NODE, armed: false, probed: false };
  const learned = noCaptureAfter(ARMED_NODE, null);
  assert.deepEqual(learned, { why: 'no-record', runtime: 'node', code: 1 });
  assert.equal(noCaptureAfter(unarmed, learned), learned);
  assert.equal(noCaptureAfter({ ...unarmed, status: code(2) }, learned), null);
  assert.equal(noCaptureAfter({ ...unarmed, ...fault({}) }, learned), null);
  assert.equal(
    noCaptureAfter({ ...unarmed, verdict: notCounted('normal'), status: code(0) }, learned),
    learned,
  );
  const kill = { ...unarmed, status: signal('SIGKILL'), verdict: counted('oom-kill', 'oom-kill') };
  assert.equal(noCaptureAfter(unarmed, noCaptureAfter(kill, null)), null);
});

test('a service whose exit cannot be watched stays so, until it is watched', () => {
  const refused = { why: 'not-permitted', runtime: 'node', code: null } as const;
  const watched = { ...ARMED_NODE, onlyWatched: true, armed: false, probed: false };
  assert.deepEqual(noCaptureAfter(watched, refused), refused);
  assert.equal(noCaptureAfter({ ...watched, captured: true }, refused), null);
  const fatal = { ...watched, ...fault({}) };
  assert.deepEqual(noCaptureAfter(fatal, refused), refused);
  // It says nothing about a debugger.
  assert.equal(noCaptureAfter(fatal, { ...refused, why: 'unreadable' }), null);
  const without = { ...refused, why: 'no-debugger' } as const;
  assert.deepEqual(noCaptureAfter(fatal, without), without);
  assert.equal(noCaptureAfter(watched, without), null);
});

test('a command that cannot be armed stays so', () => {
  const refused: NoCapture = { why: 'cannot-arm', runtime: null, code: null };
  assert.equal(noCaptureAfter({ ...ARMED_NODE, armed: false }, refused), refused);
});

test('without a state directory nothing is captured; one that is full may be written to again', () => {
  const unarmed = { ...ARMED_NODE, armed: false, probed: false };
  assert.equal(noCaptureAfter({ ...unarmed, withoutState: true }, null)?.why, 'no-state');
  assert.equal(noCaptureAfter(unarmed, { why: 'no-state', runtime: null, code: null }), null);
});

test('while it runs: only what neither probe nor debugger can see', () => {
  assert.equal(noCaptureOfRunning('go', null, true)?.why, 'runtime');
  assert.equal(noCaptureOfRunning('python', 'node', true)?.why, 'no-probe');
  for (const [runtime, probeOf, without] of [
    ['go', null, false],
    ['node', 'node', true],
    ['python', 'python', true],
    ['python', 'node', false],
    [null, 'node', true],
  ] as const) {
    assert.equal(noCaptureOfRunning(runtime, probeOf, without), null);
  }
});

test('nothing that was captured keeps an app from being armed', () => {
  const before = fc.option(
    fc.record({
      why: fc.constantFrom(...NO_CAPTURE_REASONS),
      runtime: fc.option(fc.constantFrom(...RUNTIMES)),
      code: fc.option(fc.nat(255)),
    }),
  );
  const kind = fc.constantFrom(...CRASH_KINDS);
  fc.assert(
    fc.property(before, kind, fc.nat(255), (was, one, number) => {
      const ended = { ...ARMED_NODE, status: code(number), verdict: counted(one, 'unknown'), captured: true };
      assert.equal(noCaptureAfter(ended, was), null);
    }),
  );
});
