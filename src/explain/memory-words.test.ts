import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeapMemory, ProcessMemory } from '../model/memory.ts';
import { memorySection } from './memory-words.ts';

const MB = 1024 * 1024;

const PROCESS: ProcessMemory = {
  ...{ beforeEndMs: 1_200, residentBytes: 480 * MB, threads: 11 },
  uses: [{ of: 'cgroup', usedBytes: 470 * MB, limitBytes: 512 * MB }],
  growth: { bytes: 120 * MB, overMs: 300_000 },
  mappings: [
    { kind: 'anonymous', bytes: 430 * MB },
    { kind: 'library', bytes: 40 * MB },
    { kind: 'stack', bytes: 1_000 },
  ],
  descriptors: [
    { kind: 'socket', count: 2_410 },
    { kind: 'file', count: 1 },
  ],
};
const HEAP: HeapMemory = {
  ...{ beforeEndMs: 9_000, usedBytes: 300 * MB, limitBytes: 2_048 * MB },
  ...{ externalBytes: 20 * MB, arrayBufferBytes: 18 * MB },
  spaces: [{ name: 'old_space', usedBytes: 290 * MB, sizeBytes: 300 * MB }],
  resources: [
    { type: 'TCPSocketWrap', count: 2_400 },
    { type: 'Timeout', count: 1 },
  ],
};

test('where the memory was, in words', () => {
  const { facts, tables, advice } = memorySection({ process: PROCESS, heap: HEAP });
  assert.deepEqual(
    facts.map(({ label, value }) => `${label}: ${value}`),
    [
      'Read: 1.2 s before the end',
      'In use: 470 MB of 512 MB (92 %), the limit of its control group (container or service)',
      'Worker: 480 MB resident',
      'Growth: +120 MB in 5 min (24 MB per minute)',
      'Open: 2,410 sockets, 1 file',
      'Threads: 11',
      'JavaScript: 300 MB of 2048 MB in the heap, 20 MB of buffers and the like outside of it; read 9 s before the end',
      'Active: 2,400 TCP sockets, 1 timer',
    ],
  );
  assert.deepEqual(
    tables.map(({ heading, parts }) => [
      heading,
      ...parts.map(({ label, percent }) => `${label} ${percent}`),
    ]),
    [
      ['Resident memory', 'anonymous (heaps of runtimes, buffers, large allocations) 90', 'libraries 8'],
      ['JavaScript heap', 'old space 97'],
    ],
  );
  assert.deepEqual(
    advice.map((text) => text.split(':')[0]),
    [
      'The JavaScript heap can grow to 2048 MB, beyond the 512 MB that are there',
      'Most of it was in the JavaScript heap',
      'It had 2,410 sockets open',
    ],
  );
});

test('advice says only what the numbers show', () => {
  const advice = (process: Partial<ProcessMemory>, heap: Partial<HeapMemory> | null = null) =>
    memorySection({
      process: { ...PROCESS, descriptors: null, ...process },
      heap: heap === null ? null : { ...HEAP, limitBytes: 256 * MB, ...heap },
    }).advice.join(' ');
  assert.equal(advice({}), '');
  assert.match(advice({ residentBytes: 100 * MB }), /^The worker had 100 MB of the 470 MB in use: other/);
  assert.match(advice({}, { usedBytes: 10 * MB, externalBytes: 400 * MB }), /outside of the JavaScript heap/);
  assert.equal(advice({}, { usedBytes: 10 * MB }), '');
  assert.match(advice({ mappings: [{ kind: 'shared', bytes: 400 * MB }] }), /shared memory/);
});
