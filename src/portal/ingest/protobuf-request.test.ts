import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { otlpSchema } from './otlp-schema.ts';
import { BadProtobuf, readProtobuf } from './protobuf-request.ts';

const LIMITS = { depth: 64, values: 10_000 };
const { request } = otlpSchema();

const scalar = fc.oneof(
  fc.record({ stringValue: fc.string({ unit: 'grapheme', minLength: 1 }) }),
  fc.record({ boolValue: fc.constant(true) }),
  fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
  fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
);
const value = fc.oneof(
  scalar,
  fc.array(scalar, { minLength: 1, maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
  scalar.map((inner) => ({ kvlistValue: { values: [{ key: 'k', value: inner }] } })),
);
const attributes = fc.array(fc.record({ key: fc.string({ minLength: 1 }), value }), {
  minLength: 1,
  maxLength: 3,
});
const time = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String);
const record = fc.record({
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: fc.integer({ min: -5, max: 24 }).filter((number) => number !== 0),
  eventName: fc.string({ minLength: 1 }),
  body: value,
  attributes,
});
const logs = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeLogs: fc.array(fc.record({ logRecords: fc.array(record, { minLength: 1, maxLength: 2 }) }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});
const bytesOf = (message: object) => Buffer.from(request.encode(request.fromObject(message)).finish());

test('reads what the official description of OTLP writes', () => {
  fc.assert(
    fc.property(logs, (message) => {
      const bytes = bytesOf(message);
      const expected = JSON.parse(JSON.stringify(request.toObject(request.decode(bytes), { longs: String })));
      assert.deepEqual(JSON.parse(JSON.stringify(readProtobuf(bytes, LIMITS))), expected);
    }),
  );
});

test('any bytes are read or refused', () => {
  const readable = (bytes: Buffer) => {
    try {
      readProtobuf(bytes, LIMITS);
    } catch (error) {
      assert.ok(error instanceof BadProtobuf);
    }
  };
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readable(Buffer.from(bytes))));
  fc.assert(
    fc.property(logs, fc.nat(), fc.nat(255), (message, at, byte) => {
      const bytes = bytesOf(message);
      bytes[at % bytes.length] = byte;
      readable(bytes);
      readable(bytes.subarray(0, at % bytes.length));
    }),
  );
});

test('stops at the first field too many, whatever it is', () => {
  const faultOf = (bytes: number[]) => {
    try {
      readProtobuf(Buffer.from(bytes), { depth: 3, values: 10 });
      return null;
    } catch (error) {
      return error instanceof BadProtobuf ? error.fault : error;
    }
  };
  const repeated = (field: number[], times: number) => Array.from({ length: times }, () => field).flat();
  assert.equal(faultOf(repeated([0x0a, 0], 10)), null);
  assert.equal(faultOf(repeated([0x0a, 0], 11)), 'values');
  assert.equal(faultOf(repeated([0x78, 1], 11)), 'values');
  assert.equal(faultOf([0x0a, 22, ...repeated([0x12, 0], 11)]), 'values');
  assert.equal(faultOf([0x0a, 6, 0x12, 4, 0x12, 2, 0x32, 0]), 'depth');
  assert.equal(faultOf([0x08, 1]), 'format');
  assert.equal(faultOf([0x0b]), 'format');
});
