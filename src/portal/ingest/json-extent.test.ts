import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonExceeds } from './json-extent.ts';

const ANY = Number.MAX_SAFE_INTEGER;

test('knows the depth of any JSON as its parser would', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat(8), (value, depth) => {
      const exceeded = jsonExceeds(Buffer.from(JSON.stringify(value)), { depth, values: ANY });
      assert.equal(exceeded === 'depth', depthOf(value) > depth);
    }),
  );
});

test('counts lists, objects and commas, and none within texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const json = Buffer.from(JSON.stringify(value));
      const values = countOf(value);
      assert.equal(jsonExceeds(json, { depth: ANY, values }), null);
      if (values > 0) assert.equal(jsonExceeds(json, { depth: ANY, values: values - 1 }), 'values');
    }),
  );
});

test('ends for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(4), (bytes, depth) => void jsonExceeds(bytes, { depth, values: 9 })),
  );
  assert.equal(jsonExceeds(Buffer.from('"\\\\"[[['), { depth: 2, values: ANY }), 'depth');
  assert.equal(jsonExceeds(Buffer.from('"[[['), { depth: 2, values: ANY }), null);
});

test('a backslash before every quote costs no time that grows with their square', () => {
  assert.equal(jsonExceeds(Buffer.from(`["${'\\'.repeat(4_000_000)}"]`), { depth: 2, values: 9 }), null);
  assert.equal(jsonExceeds(Buffer.from(`["${'\\"'.repeat(2_000_000)}"]`), { depth: 2, values: 9 }), null);
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Object.values(value);
  return 1 + Math.max(0, items.length - 1) + items.reduce((sum: number, item) => sum + countOf(item), 0);
}
