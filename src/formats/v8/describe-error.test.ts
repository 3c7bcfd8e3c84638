import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../../test/support/processor-time.ts';
import { inputs } from '../../../test/support/rounds.ts';
import type { ReadBytes } from '../elf/memory-reader.ts';
import { describeError } from './describe-error.ts';
import { findThrown } from './find-thrown.ts';
import { pagedMemory } from './paged-memory.ts';
import type { V8ErrorLayout } from './v8-error-layout.ts';
import { V8Heap } from './v8-heap.ts';
import type { V8Layout } from './v8-layout.ts';
import { V8Objects } from './v8-objects.ts';

/** Node 26's. */
const V8: V8Layout = {
  ...{ frameFunction: -16, frameContext: -8, mapInstanceType: 12, functionShared: 32, sharedName: 24 },
  ...{ sharedScript: 40, scriptName: 16, stringLength: 12, stringCharacters: 16, thinActual: 16 },
  ...{ consFirst: 16, consSecond: 24, scopeLocalCount: 2, scopeFirstVariable: 5, sharedType: 288 },
  ...{ scriptType: 166, scopeType: 286, firstNonstringType: 128 },
};
/** Of that kind; small numbers, so that words that are made at random meet them. */
const ERRORS: V8ErrorLayout = {
  ...{ mapType: 1, errorType: 2, symbolType: 128, fixedArrayType: 3, propertyArrayType: 4, stackDataType: 5 },
  ...{
    callSiteType: 6,
    bytecodeType: 7,
    bytecodeWrapperType: 8,
    bytecodeHeader: 56,
    byteArrayType: 9,
    scriptSource: 8,
    functionType: 2066,
    mapInstanceSizeWords: 8,
  },
  ...{ mapInObjectStartWords: 9, mapBits: 16, mapPrototype: 24, mapDescriptors: 40 },
  ...{ ownDescriptorsMask: 0xffc00, ownDescriptorsShift: 10, dictionaryShift: 21, descriptorsHeader: 24 },
  ...{ descriptorWords: 3, descriptorKey: 0, descriptorDetails: 1, descriptorValue: 2 },
  ...{ propertyIndexMask: 0x1ff80000, propertyIndexShift: 19, propertyLocationMask: 2 },
  ...{ propertyLocationShift: 1, propertyInField: 0, propertyKindMask: 1, propertyIsData: 0 },
  ...{ properties: 8, elements: 16, arrayLength: 8, arrayData: 16, symbolName: 16 },
};
const BASE = 0x100000n;
const WORDS = 128;

/** Words at BASE that often point to each other, and maps of all types. */
const memory = fc
  .array(
    fc.oneof(
      fc.nat(WORDS - 1).map((index) => BASE + BigInt(index) * 8n + 1n),
      fc.nat(WORDS - 1).map((index) => BASE + BigInt(index) * 8n),
      fc.constantFrom(1n, 2n, 3n, 4n, 5n, 6n, 128n, 8n, 9n, 2066n).map((type) => (type << 32n) | 0x0408n),
      fc.nat(40).map((value) => BigInt(value) << 32n),
      fc.bigInt(0n, (1n << 64n) - 1n),
    ),
    { minLength: WORDS, maxLength: WORDS },
  )
  .map((words) => new Uint8Array(BigUint64Array.from(words).buffer));

function readerOf(bytes: Uint8Array): ReadBytes {
  const read: ReadBytes = (address, length) => {
    const at = Number(address - BASE);
    return at < 0 || at >= bytes.length ? bytes.subarray(0, 0) : bytes.subarray(at, at + length);
  };
  return pagedMemory(read, 10);
}

function partsOf(bytes: Uint8Array) {
  const read = readerOf(bytes);
  return { objects: new V8Objects(read, V8), heap: new V8Heap(read, V8) };
}

test('a heap of any words yields an error with bounded parts', () => {
  fc.assert(
    fc.property(memory, (bytes) => {
      const parts = { ...partsOf(bytes), v8: V8, layout: ERRORS };
      for (let index = 0; index < WORDS; index += 8) {
        const thrown = describeError(BASE + BigInt(index) * 8n + 1n, parts);
        assert.ok(thrown.frames.length <= 200 && thrown.errors.length <= 10);
      }
    }),
    { numRuns: inputs(200) },
  );
});

test('a stack of any words yields an answer', () => {
  fc.assert(
    fc.property(memory, (bytes) => {
      findThrown({
        ...partsOf(bytes),
        stack: { address: BASE, bytes },
        layout: V8,
        errorLayout: ERRORS,
        trigger: { start: BASE + 8n, end: BASE + 64n },
      });
    }),
    { numRuns: inputs(200) },
  );
});

test('objects that contain themselves end', () => {
  // Every word points to the same object, which is its own map, prototype, cause and members.
  for (const type of [1n, 2n, 3n, 5n]) {
    const words = Array.from({ length: WORDS }, () => BASE + 1n);
    words[1] = (type << 32n) | (0xffffn << 16n);
    const bytes = new Uint8Array(BigUint64Array.from(words).buffer);
    const usedMs = processorMs(() => describeError(BASE + 1n, { ...partsOf(bytes), v8: V8, layout: ERRORS }));
    assert.ok(usedMs < 1000, `${usedMs} ms`);
  }
});

test('memory is read in pages, each once, and no more than allowed', () => {
  const asked: bigint[] = [];
  const read = pagedMemory((address, length) => {
    asked.push(address);
    return new Uint8Array(length).fill(Number(address >> 12n));
  }, 3);
  assert.deepEqual([...read(4094n, 4)], [0, 0, 1, 1]);
  assert.deepEqual([...read(4100n, 2)], [1, 1]);
  assert.equal(read(8192n, 8).length, 8);
  assert.equal(read(12288n, 8).length, 0);
  assert.deepEqual(asked, [0n, 4096n, 8192n]);
});
