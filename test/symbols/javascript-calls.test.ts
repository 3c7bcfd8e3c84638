import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readLoadedImage } from '../../src/formats/elf/loaded-image.ts';
import type { ReadBytes } from '../../src/formats/elf/memory-reader.ts';
import { parseMemoryMap } from '../../src/formats/procfs/memory-map.ts';
import { findJavaScriptCalls } from '../../src/formats/v8/javascript-calls.ts';
import { V8Heap } from '../../src/formats/v8/v8-heap.ts';
import { readV8Layout } from '../../src/formats/v8/v8-layout.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { startProgram } from '../support/run-program.ts';

const FIXTURE = path.join(CHECKOUT, 'test', 'fixtures', 'native', 'waits-in-calls.cjs');

for (const node of nodeBinaries()) {
  test(`Node ${node.version}: names of the functions on a stack, from memory alone`, async () => {
    await using worker = startProgram(node.path, [FIXTURE]);
    await worker.waitForLine('stdout', /ready/);
    const stackPointer = await waitingStackPointer(worker.pid);
    using memory = openMemory(worker.pid);
    const mappings = parseMemoryMap(readFileSync(`/proc/${worker.pid}/maps`, 'utf8'));
    const executable = readlinkSync(`/proc/${worker.pid}/exe`);
    const base = mappings.find(({ name, offset }) => name === executable && offset === 0n);
    const stack = mappings.find(({ start, end }) => stackPointer >= start && stackPointer < end);
    assert.ok(base !== undefined && stack !== undefined);
    const layout = readV8Layout(memory.read, readLoadedImage(memory.read, base.start));
    assert.ok(layout !== null);

    const pages = new Set<bigint>();
    const recording: ReadBytes = (address, length) => {
      for (let page = address >> 12n; page <= (address + BigInt(length) - 1n) >> 12n; page++) pages.add(page);
      return memory.read(address, length);
    };
    const bytes = memory.read(stackPointer, Number(stack.end - stackPointer));
    const calls = findJavaScriptCalls(
      { address: stackPointer, bytes },
      new V8Heap(recording, layout),
      layout,
    );

    const own = calls.filter(({ script }) => script === FIXTURE).map((call) => call.function);
    // The innermost and the one that map calls are arrow functions without names.
    assert.deepEqual(own, [null, 'deepest', 'total', 'total', null, 'größe']);
    assert.ok(calls.some(({ script }) => script === 'node:internal/timers'));
    assert.ok(!JSON.stringify(calls.map(({ address, ...rest }) => rest)).includes('4711'));
    const source = readFileSync(FIXTURE, 'utf8');
    const deepest = calls.find((call) => call.function === 'deepest');
    assert.equal(source.slice(0, deepest?.position ?? 0).split('\n').length, 5);
    // What a trimmed core has to hold beside the stack.
    assert.ok(pages.size < 60, `${pages.size} pages`);
  });
}

/** proc_pid_syscall(5): number, six arguments, stack pointer, program counter, while the main thread waits. */
async function waitingStackPointer(pid: number): Promise<bigint> {
  for (;;) {
    const fields = readFileSync(`/proc/${pid}/syscall`, 'utf8').trim().split(' ');
    // futex(2), in which Atomics.wait ends up.
    if (fields[0] === '202' && fields.length === 9) return BigInt(fields[7] ?? 0);
    await delay(5);
  }
}

function openMemory(pid: number): Disposable & { read: ReadBytes } {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  return {
    read(address, length) {
      const bytes = Buffer.alloc(length);
      try {
        return bytes.subarray(0, readSync(file, bytes, 0, length, address));
      } catch {
        return bytes.subarray(0, 0);
      }
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}
