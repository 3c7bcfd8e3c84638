import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { performanceText } from './performance-data.ts';

const ARGUMENTS = 'java.rt.vmArgs';

/** Data with one text for each name. */
function data(texts: Record<string, string>): Buffer {
  const entries = Object.entries(texts).map(([name, text]) => {
    const [nameBytes, bytes] = [Buffer.from(`${name}\0`), Buffer.from(`${text}\0`)];
    const head = Buffer.alloc(20);
    head.writeUInt32LE(20 + nameBytes.length + bytes.length, 0);
    head.writeUInt32LE(20, 4);
    head.writeUInt32LE(bytes.length, 8);
    head.write('B', 12);
    head.writeUInt32LE(20 + nameBytes.length, 16);
    return Buffer.concat([head, nameBytes, bytes]);
  });
  const prologue = Buffer.alloc(32);
  prologue.writeUInt32BE(0xca_fe_c0_c0, 0);
  prologue.set([1, 2, 0, 1], 4);
  prologue.writeUInt32LE(32, 24);
  prologue.writeUInt32LE(entries.length, 28);
  return Buffer.concat([prologue, ...entries]);
}

test('a text is found by its whole name', () => {
  const bytes = data({ 'java.rt.vmArgs2': 'x', [ARGUMENTS]: '-Xmx64m -XX:+ExitOnOutOfMemoryError' });
  assert.equal(performanceText(bytes, ARGUMENTS), '-Xmx64m -XX:+ExitOnOutOfMemoryError');
  assert.equal(performanceText(bytes, 'java.rt.vmArg'), null);
});

test('other files, and data that ends too early, have none', () => {
  const bytes = data({ 'sun.rt.javaCommand': 'shop', [ARGUMENTS]: '-Xmx64m' });
  for (const length of [0, 3, 31, 40, 70])
    assert.equal(performanceText(bytes.subarray(0, length), ARGUMENTS), null);
  bytes.writeUInt8(3, 5);
  assert.equal(performanceText(bytes, ARGUMENTS), null);
});

test('damaged data is read to its end', () => {
  const whole = data({ a: 'b', [ARGUMENTS]: '-Xmx64m' });
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      const text = performanceText(bytes, ARGUMENTS);
      assert.ok(text === null || text.length <= whole.length);
    }),
  );
});
