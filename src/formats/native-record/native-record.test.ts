import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { NativeRecord } from '../../model/native-record.ts';
import { formatNativeRecord } from './format-native-record.ts';
import { parseNativeRecord } from './parse-native-record.ts';

const record: NativeRecord = {
  v: 1,
  fault: {
    kind: 'fault',
    summary: 'null-access',
    signal: 11,
    siCode: 1,
    faultAddress: 0xffff_ffff_ffff_fff8n,
    addressClass: 'null',
    systemCall: null,
    abortKind: null,
    abortText: null,
    cxxExceptionType: null,
  },
  executable: '/srv/shop/server',
  holdMs: 2.5,
  threadCount: 2,
  missingThreads: 0,
  registers: [{ name: 'rip', value: '0x401136' }],
  calls: [{ address: 0x7f00_0000_1000n, function: 'pay', script: '/srv/shop/pay.js', position: 12 }],
  dumpProblems: ['size-limit'],
  hasDump: true,
};

test('a native record is read back as it was', () => {
  assert.deepEqual(parseNativeRecord(formatNativeRecord(record)), record);
});

test('anything else is refused with BAD_RECORD', () => {
  const json = JSON.parse(formatNativeRecord(record)) as Record<string, unknown>;
  const damaged = fc.tuple(fc.constantFrom(...Object.keys(json)), fc.jsonValue());
  fc.assert(
    fc.property(damaged, ([key, value]) => {
      const text = JSON.stringify({ ...json, [key]: value });
      try {
        assert.deepEqual(JSON.parse(formatNativeRecord(parseNativeRecord(text))), JSON.parse(text));
      } catch (error) {
        assert.ok(error instanceof CrashmonError && error.code === 'BAD_RECORD', String(error));
      }
    }),
  );
  for (const text of ['', '{}', '[]', formatNativeRecord(record).slice(0, -1)]) {
    assert.throws(() => parseNativeRecord(text), CrashmonError);
  }
});
