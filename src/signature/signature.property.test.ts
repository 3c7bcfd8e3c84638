import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inputs } from '../../test/support/rounds.ts';
import type { CrashFacts } from '../model/crash-facts.ts';
import { CRASH_KINDS } from '../model/exit.ts';
import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES } from '../model/fault.ts';
import { FRAME_TRUSTS, type Frame } from '../model/frame.ts';
import type { RedactedException } from '../model/redacted-report.ts';
import { signatureOf } from './signature.ts';

const NAMES = [
  ...['load', 'Cart.total', 'async run', 'e.t', 'Object.<anonymous>', 'JSON.parse', 'abort', '__cxa_throw'],
  ...[
    'app::run<int>',
    '<alloc::vec::Vec<T> as Drop>::drop',
    'operator<<',
    'main::{lambda(int)#1}::operator()',
  ],
];
const text = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom('<', '>', '(', ')', '{', '}', '::', 'operator', '-', '.', '0', 'a', 'A', '/', ' '),
      {
        maxLength: 60,
      },
    )
    .map((parts) => parts.join('')),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const frame: fc.Arbitrary<Frame> = fc
  .record({
    function: maybe(text),
    file: maybe(text),
    line: maybe(fc.nat()),
    column: maybe(fc.nat()),
    module: maybe(fc.oneof(fc.constantFrom('node', 'pg', 'libc.so.6'), text)),
    inApp: fc.boolean(),
    repeat: fc.integer({ min: 1, max: 9 }),
    trust: fc.constantFrom(...FRAME_TRUSTS),
    native: fc.option(
      fc.record({ image: maybe(text), offset: maybe(text), buildId: maybe(text), inlined: fc.boolean() }),
      { nil: undefined },
    ),
  })
  .map(({ native, ...rest }) => (native === undefined ? rest : { ...rest, native }));
const exception = fc.record({
  exceptionType: maybe(text),
  code: maybe(text),
  frames: fc.array(frame, { maxLength: 4 }),
  members: fc.constant<RedactedException[]>([]),
});
const facts: fc.Arbitrary<CrashFacts> = fc.record({
  kind: fc.constantFrom(...CRASH_KINDS),
  exceptionType: maybe(text),
  code: maybe(text),
  signal: maybe(text),
  status: fc.oneof(
    fc.record({ type: fc.constant('code' as const), code: fc.nat(255) }),
    fc.record({ type: fc.constant('signal' as const), signal: text }),
    fc.constant({ type: 'unknown' as const }),
  ),
  fault: maybe(
    fc.record({
      summary: fc.constantFrom(...FAULT_SUMMARIES),
      siCode: maybe(fc.nat()),
      addressClass: maybe(fc.constantFrom(...ADDRESS_CLASSES)),
      systemCall: maybe(fc.nat()),
      abortKind: maybe(fc.constantFrom(...ABORT_KINDS)),
    }),
  ),
  frames: fc.array(frame, { maxLength: 30 }),
  causes: fc.array(exception, { maxLength: 3 }),
  members: fc.array(exception, { maxLength: 3 }),
});

test('whatever the facts are, there is a bounded answer', () => {
  fc.assert(
    fc.property(facts, (crash) => {
      const { values, title, parts } = signatureOf(crash);
      assert.deepEqual(
        values.map((value) => /^v\d+:[0-9a-f]{16}$/.test(value)),
        [true],
      );
      assert.ok(title.length > 0 && [...title].length <= 120);
      assert.ok(parts.length <= crash.frames.length + 20);
      for (const line of [title, ...parts.flatMap(({ text: name, why }) => [name, why])]) {
        assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
      }
      assert.deepEqual(signatureOf(structuredClone(crash)), { values, title, parts });
    }),
    { numRuns: inputs(1000) },
  );
});

test('positions, addresses and builds change nothing', () => {
  fc.assert(
    fc.property(facts, fc.nat(), (crash, number) => {
      const moved = crash.frames.map((one) => ({
        ...one,
        line: number,
        column: number + 1,
        ...(one.native === undefined
          ? {}
          : { native: { ...one.native, offset: `0x${number.toString(16)}`, buildId: null } }),
      }));
      assert.deepEqual(signatureOf({ ...crash, frames: moved }), signatureOf(crash));
    }),
  );
});

test('what is no fact of the model changes nothing: a message', () => {
  fc.assert(
    fc.property(facts, text, (crash, message) => {
      assert.deepEqual(signatureOf({ ...crash, message } as CrashFacts), signatureOf(crash));
    }),
  );
});

test('long hostile names cost no time that grows with their square', () => {
  for (const part of [
    '<',
    '(',
    '{',
    '::',
    'operator<',
    'a.',
    '-a1',
    '.so.1',
    ' [as ',
    '@',
    '/a-',
    'lambda',
  ]) {
    const name = part.repeat(100_000);
    const one: Frame = {
      ...{ function: name, file: name, module: name, line: 1, column: 1 },
      ...{ inApp: false, repeat: 1, trust: 'cfi' },
    };
    const native = { image: name, offset: null, buildId: null, inlined: false };
    const frames = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? one : { ...one, native }));
    const crash: CrashFacts = {
      ...{ kind: 'fault', exceptionType: name, code: name, signal: name, fault: null },
      ...{ status: { type: 'signal', signal: name }, frames },
    };
    assert.match(signatureOf(crash).values.join(), /^v1:/);
  }
});
