import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExitEvidence, ExitStatus } from '../model/exit.ts';
import { knownReason, REASON_WITHHELD } from '../model/exit-reason.ts';
import { classifyExit } from './classify-exit.ts';
import { SIGNAL_BY_NUMBER } from './classify-signal.ts';

const signal = fc.constantFrom(...SIGNAL_BY_NUMBER.values(), 'SIGSTKFLT', 'SIGRT32');
const status: fc.Arbitrary<ExitStatus> = fc.oneof(
  fc.record({ type: fc.constant('code' as const), code: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ type: fc.constant('signal' as const), signal }),
  fc.constant({ type: 'unknown' as const }),
);
const evidence: fc.Arbitrary<ExitEvidence> = fc.record({
  asked: fc.constant(null),
  passedOn: fc.subarray(['SIGABRT']),
  oomKills: fc.constantFrom(null, 0, 1),
  nodeTrailer: fc.boolean(),
  v8OutOfMemory: fc.boolean(),
  candidate: fc.option(
    fc.record({
      event: fc.constantFrom('uncaught', 'rejection', 'handled-rejection', 'exit', 'abort'),
      stackOverflow: fc.boolean(),
      whileLoading: fc.boolean(),
      byNode: fc.boolean(),
    }),
  ),
  native: fc.option(
    fc.record({
      kind: fc.constantFrom('fault', 'abort', 'stack-overflow'),
      signal: fc.option(signal),
      sent: fc.boolean(),
    }),
  ),
  runtime: fc.constantFrom('node', 'other', 'unknown'),
});

test('every reason of an exit that counts may leave the instance', () => {
  let counted = 0;
  fc.assert(
    fc.property(status, evidence, (how, what) => {
      const verdict = classifyExit(how, what);
      if (!verdict.counted) return;
      counted += 1;
      assert.equal(knownReason(verdict.reason), verdict.reason);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(counted > 5_000);
});

test('nothing else does, also where it begins or ends like a reason', () => {
  const texts = [
    'no price for card 4111',
    'exit 1: unhandled exception for alice',
    'alice exit 1: unhandled exception',
    'exit 1: unhandled exception\n',
    'exit 4111: unhandled exception',
    'SIGALICESECRET: invalid memory access',
    'exit 0: ended normally',
    '',
  ];
  for (const text of texts) assert.equal(knownReason(text), REASON_WITHHELD, text);
  fc.assert(fc.property(fc.string(), (text) => knownReason(text) === REASON_WITHHELD));
});
