import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicMemory } from './public-memory.ts';

const PRIVATE = '/home/erika/customers';

test('only numbers and listed names pass, whatever a record holds', () => {
  const { memory } = publicMemory({
    process: {
      ...{ beforeEndMs: 5, residentBytes: 100, threads: 3, note: PRIVATE },
      uses: [
        { of: 'cgroup', usedBytes: 90, limitBytes: 100, path: PRIVATE },
        { of: PRIVATE, usedBytes: 1, limitBytes: 2 },
      ],
      growth: { bytes: -4, overMs: 1_000 },
      mappings: [
        { kind: 'file', bytes: 7, name: PRIVATE },
        { kind: PRIVATE, bytes: 2 },
      ],
      descriptors: [{ kind: 'socket', count: 2, link: PRIVATE }],
    },
    heap: {
      ...{ beforeEndMs: 6, usedBytes: 50, limitBytes: 80, externalBytes: 3, arrayBufferBytes: PRIVATE },
      spaces: [{ name: 'old_space', usedBytes: 40, sizeBytes: 41 }, { name: PRIVATE }],
      resources: [
        { type: 'Timeout', count: 1 },
        { type: PRIVATE, count: 9 },
      ],
    },
    largest: [{ name: PRIVATE, bytes: 7 }],
  });
  assert.doesNotMatch(JSON.stringify(memory), /erika/);
  assert.deepEqual(memory, {
    process: {
      ...{ beforeEndMs: 5, residentBytes: 100, threads: 3, growth: { bytes: -4, overMs: 1_000 } },
      uses: [{ of: 'cgroup', usedBytes: 90, limitBytes: 100 }],
      mappings: [
        { kind: 'file', bytes: 7 },
        { kind: 'other', bytes: 2 },
      ],
      descriptors: [{ kind: 'socket', count: 2 }],
    },
    heap: {
      ...{ beforeEndMs: 6, usedBytes: 50, limitBytes: 80, externalBytes: 3, arrayBufferBytes: 0 },
      spaces: [
        { name: 'old_space', usedBytes: 40, sizeBytes: 41 },
        { name: 'other', usedBytes: 0, sizeBytes: 0 },
      ],
      resources: [
        { type: 'Timeout', count: 1 },
        { type: 'other', count: 9 },
      ],
    },
  });
});

test('what is no such record is left out', () => {
  for (const memory of [
    undefined,
    null,
    'x',
    [],
    {},
    { process: null, heap: null },
    { process: { residentBytes: 'x' } },
  ])
    assert.deepEqual(publicMemory(memory), {});
});
