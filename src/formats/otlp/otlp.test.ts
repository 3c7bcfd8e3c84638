import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { arbitraryRecord } from '../../../test/support/telemetry/arbitrary-record.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { TelemetryRecord } from '../../model/telemetry.ts';
import { parseRedactedReport } from '../../privacy/parse-redacted-report.ts';
import { decodeRecord, isOwnRecord } from './decode-record.ts';
import { encodeRecord } from './encode-record.ts';
import type { OtlpLogRecord } from './otlp-json.ts';
import { readLogRecord } from './received-log.ts';

const encode = (record: TelemetryRecord) => encodeRecord(record, ({ code }) => code);
const decode = (json: unknown) => decodeRecord(readLogRecord(json), parseRedactedReport);
const sent = (record: TelemetryRecord): OtlpLogRecord => JSON.parse(JSON.stringify(encode(record)));
const refuses = (json: unknown, field: RegExp) =>
  assert.throws(
    () => decode(json),
    (error) => error instanceof CrashmonError && error.code === 'BAD_REQUEST' && field.test(error.message),
  );

const CRASH: TelemetryRecord = {
  type: 'crash',
  uid: '019a2b3c4d5e0123456789ab',
  atMs: 1_700_000_000_123,
  crashId: '0123456789ab',
  kind: 'exception',
  suspected: false,
  status: { type: 'code', code: 1 },
  reason: { code: 'uncaught-exception' },
  armed: false,
  captured: false,
  uptimeMs: 12,
  crashesInWindow: 2,
  settings: { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 },
  state: 'watching',
  backAfterMs: null,
  signatures: ['v1:abc'],
  title: 'exit 1',
};

/** The crash's log record with one attribute's value replaced, or left out where there is none to replace it. */
function withAttribute(key: string, value?: unknown): unknown {
  const record = sent(CRASH);
  const rest = record.attributes.filter((attribute) => attribute.key !== key);
  return { ...record, attributes: value === undefined ? rest : [...rest, { key, value }] };
}

test('every record comes back as it was sent', () => {
  fc.assert(
    fc.property(arbitraryRecord, (record) => {
      const log = readLogRecord(sent(record));
      assert.ok(isOwnRecord(log));
      assert.deepEqual(decodeRecord(log, parseRedactedReport), record);
    }),
  );
});

test('a record is equal text however often it is sent', () => {
  fc.assert(
    fc.property(
      arbitraryRecord,
      (record) => JSON.stringify(encode(record)) === JSON.stringify(encode({ ...record })),
    ),
  );
});

test('times and numbers as strings, as protobuf writes them, are the same', () => {
  const record = sent(CRASH);
  const attributes = record.attributes.map(({ key, value }) => ({
    key,
    value: 'intValue' in value ? { intValue: String(value.intValue) } : value,
  }));
  assert.deepEqual(decode({ ...record, attributes }), CRASH);
});

test('older collectors find the name of the event as an attribute', () => {
  const { eventName: _, ...record } = sent(CRASH);
  assert.deepEqual(decode(record), CRASH);
});

describe('hostile input', () => {
  test('arbitrary JSON is refused by our own error, or is a record', () => {
    fc.assert(
      fc.property(fc.anything(), (json) => {
        try {
          decode(json);
        } catch (error) {
          assert.ok(error instanceof CrashmonError && error.code === 'BAD_REQUEST', String(error));
        }
      }),
    );
  });

  test('so is any record with any attribute replaced by anything', () => {
    const value = fc.oneof(
      fc.record({ stringValue: fc.string() }),
      fc.record({ intValue: fc.oneof(fc.double(), fc.string()) }),
      fc.record({ arrayValue: fc.record({ values: fc.array(fc.anything()) }) }),
      fc.anything(),
    );
    fc.assert(
      fc.property(arbitraryRecord, fc.nat(), value, (record, index, other) => {
        const log = sent(record);
        const target = log.attributes[index % log.attributes.length];
        if (target !== undefined) target.value = other as never;
        try {
          decode(log);
        } catch (error) {
          assert.ok(error instanceof CrashmonError && error.code === 'BAD_REQUEST', String(error));
        }
      }),
    );
  });

  test('the error names the field and quotes nothing', () => {
    for (const key of ['crashmon.kind', 'crashmon.title', 'crashmon.signatures', 'log.record.uid']) {
      refuses(withAttribute(key), new RegExp(`^${key} is missing`));
      refuses(withAttribute(key, { stringValue: '\u0000alice' }), new RegExp(`^${key} (?!.*alice)`));
      refuses(withAttribute(key, { kvlistValue: {} }), new RegExp(`^${key} `));
    }
    refuses(withAttribute('process.exit.code', { intValue: 256 }), /^process\.exit\.code /);
    refuses(withAttribute('crashmon.exit.signal', { stringValue: 'SIGSEGV' }), /contradicts/);
    refuses(
      withAttribute('crashmon.title', { stringValue: 'x'.repeat(501) }),
      /^crashmon\.title is too long/,
    );
    refuses({ ...sent(CRASH), timeUnixNano: '0', observedTimeUnixNano: '0' }, /^timeUnixNano is missing/);
    refuses({ ...sent(CRASH), timeUnixNano: '-1' }, /^timeUnixNano is not a time/);
    refuses({ ...sent(CRASH), attributes: Array(129).fill({ key: 'a', value: {} }) }, /^attributes has more/);
    refuses({ ...sent(CRASH), eventName: 'other' }, /^eventName /);
  });

  test('a reason is a code, or is withheld', () => {
    const reasonOf = (stringValue: string) => {
      const record = decode(withAttribute('crashmon.reason_code', { stringValue }));
      return record.type === 'crash' ? record.reason : null;
    };
    assert.deepEqual(reasonOf('later-code count=4111 firstSignal=SIGSEGV shellSignal=SIGALICE'), {
      code: 'later-code',
      firstSignal: 'SIGSEGV',
    });
    for (const text of ['no price for alice', 'Alice', 'alice_4111', 'a'.repeat(41), '']) {
      assert.deepEqual(reasonOf(text), { code: 'withheld' }, text);
    }
  });

  test('of a report only its known fields come back, and none that a database could not hold', () => {
    const capture = fc.sample(
      arbitraryRecord.filter(({ type }) => type === 'capture'),
      1,
    )[0];
    assert.ok(capture?.type === 'capture');
    const withReport = (text: string) => {
      const log = sent(capture);
      const attribute = log.attributes.find(({ key }) => key === 'crashmon.report');
      if (attribute !== undefined) attribute.value = { stringValue: text };
      return log;
    };
    const more = JSON.stringify({ ...capture.report, message: 'no price for alice' });
    assert.deepEqual(decode(withReport(more)), capture);
    for (const text of ['', '{', 'null', '[]', '['.repeat(100_000), JSON.stringify({ alice: 1 })]) {
      refuses(withReport(text), /^crashmon\.report is not a redacted report\.$/);
    }
    const hostile = JSON.stringify({ ...capture.report, exceptionType: 'a\u0000b' });
    refuses(withReport(hostile), /^crashmon\.report contains control characters/);
  });

  test('no attribute of the encoding is named by the prototype', () => {
    const log = readLogRecord({ attributes: [{ key: '__proto__', value: { stringValue: 'x' } }] });
    assert.deepEqual([...log.attributes], [['__proto__', 'x']]);
  });
});

test('the stack text for other collectors holds types and frames', () => {
  const report = parseRedactedReport({
    ...fc
      .sample(
        arbitraryRecord.filter(({ type }) => type === 'capture'),
        1,
      )
      .map((r) => r.type === 'capture' && r.report)[0],
    exceptionType: 'TypeError',
    frames: [
      frame({ function: 'Cart.total', file: 'src/cart.js', line: 3, column: 7 }),
      frame({ file: 'src/server.js', line: 1, repeat: 3 }),
      frame({ function: 'f', native: { image: 'libz.so', offset: '0x12', buildId: null, inlined: false } }),
    ],
    causes: [{ exceptionType: null, code: null, frames: [frame({ file: 'a.js' })], members: [] }],
  });
  const record = encode({ ...captureOf(report) });
  const stack = record.attributes.find(({ key }) => key === 'exception.stacktrace');
  assert.deepEqual(stack?.value, {
    stringValue: [
      'TypeError',
      '    at Cart.total (src/cart.js:3:7)',
      '    at src/server.js:1 (3 times)',
      '    at f (libz.so+0x12)',
      'Caused by: (type not shown)',
      '    at a.js',
    ].join('\n'),
  });
});

function frame(more: object): object {
  const none = { function: null, file: null, line: null, column: null, module: null };
  return { ...none, inApp: true, repeat: 1, trust: 'call-site', ...more };
}

function captureOf(report: ReturnType<typeof parseRedactedReport>): TelemetryRecord {
  const crashUid = '019a2b3c4d5e0123456789ab';
  return { type: 'capture', uid: `${crashUid}-c`, atMs: 1, crashUid, report, signatures: [], title: '' };
}
