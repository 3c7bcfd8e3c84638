import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isNestedDeeper } from './is-nested-deeper.ts';

test('tells the depth of any JSON as its parser would', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat(8), (value, limit) => {
      assert.equal(isNestedDeeper(Buffer.from(JSON.stringify(value)), limit), depthOf(value) > limit);
    }),
  );
});

test('is done with anything', () => {
  fc.assert(fc.property(fc.uint8Array(), fc.nat(4), (bytes, limit) => void isNestedDeeper(bytes, limit)));
  assert.equal(isNestedDeeper(Buffer.from('"\\\\"[[['), 2), true);
  assert.equal(isNestedDeeper(Buffer.from('"[[['), 2), false);
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
