import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryRecord, arbitraryReport } from '../../test/support/telemetry/arbitrary-record.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { EndedRun } from '../model/run.ts';
import { publishCapture, publishCrash } from './publish-crash.ts';
import { parsePublicRecord, publishRecord } from './publish-record.ts';

const SETTINGS = { armAfter: 3, windowMs: 1, cooldownMs: 2 };
const at = (wallMs: number) => ({ wallMs, monotonicMs: 0, bootId: '' });
const RUN: EndedRun = {
  id: '0123456789ab',
  startedAt: at(1_700_000_000_000),
  pid: 4111,
  pidStartTicks: 1,
  armed: true,
  commandHash: 'hash',
  diedAt: at(1_700_000_001_000),
  status: { type: 'code', code: 1 },
  verdict: { counted: true, suspected: false, kind: 'exception', reason: { code: 'uncaught-exception' } },
  crashesInWindow: 1,
  captured: true,
  process: { role: 'main' },
  replacedAfterMs: null,
  impact: null,
};
const policy = { settings: SETTINGS, state: 'watching' } as const;
const group = () => ({ signatures: ['v1:a'], title: 'a' });

test('a record comes back from the outbox as it was made', () => {
  fc.assert(
    fc.property(arbitraryRecord, (record) => {
      assert.deepEqual(parsePublicRecord(JSON.stringify(publishRecord(record))), record);
    }),
  );
});

test('an unknown field does not pass', () => {
  const withMessage = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, withMessage(inner)]);
    return { ...Object.fromEntries(entries), message: 'alice 4111', env: { TOKEN: 'alice' } };
  };
  fc.assert(
    fc.property(arbitraryRecord, (record) => {
      assert.deepEqual(publishRecord(withMessage(record) as typeof record), record);
    }),
  );
});

test('what is no record is refused by our own error', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '{}',
    '{"type":"crash"}',
    '{"type":"alice","uid":"000000000000000000000000","atMs":1}',
  ]) {
    assert.throws(() => parsePublicRecord(text), CrashmonError, text);
  }
});

test('a crash says what ended, and nothing of the process', () => {
  const record = publishCrash(RUN, 1000, policy, group);
  assert.equal(record?.uid, '018bcfe56be80123456789ab');
  const text = JSON.stringify(record);
  for (const hidden of ['4111', 'hash', 'pid']) assert.ok(!text.includes(hidden), hidden);
});

test('an exit that does not count has no record', () => {
  const verdict = { counted: false, suspected: false, kind: null, reason: { code: 'normal' } } as const;
  assert.equal(publishCrash({ ...RUN, verdict }, 1, policy, group), null);
});

test('a reason that is no code of ours is withheld', () => {
  for (const reason of ['no price for alice', 'alice', { code: 'alice' }, { code: 4111 }, null]) {
    const verdict = { ...RUN.verdict, reason: reason as never };
    const record = publishCrash({ ...RUN, verdict }, 1, policy, group);
    assert.deepEqual(record?.type === 'crash' && record.reason, { code: 'withheld' });
  }
  const verdict = {
    ...RUN.verdict,
    reason: { code: 'abort', firstSignal: 'SIGALICE', name: 'alice' } as never,
  };
  const record = publishCrash({ ...RUN, verdict }, 1, policy, group);
  assert.deepEqual(record?.type === 'crash' && record.reason, { code: 'abort' });
});

test('the grouping of crashes sees only what is public', () => {
  const seen: unknown[] = [];
  publishCrash(RUN, 1, policy, (exit) => {
    seen.push(exit);
    return group();
  });
  assert.deepEqual(seen, [{ kind: 'exception', status: { type: 'code', code: 1 } }]);
});

test('a capture has the uid of its crash, and lines without control characters', () => {
  const report = fc.sample(arbitraryReport, 1)[0];
  assert.ok(report !== undefined);
  const record = publishCapture(RUN, report, { signatures: ['a\nb'], title: 'x\u001b[2J' });
  assert.ok(record.type === 'capture');
  assert.equal(record.uid, `${record.crashUid}-c`);
  assert.deepEqual([record.signatures, record.title], [['a b'], 'x [2J']);
});
