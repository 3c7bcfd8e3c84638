import { Fields } from '../formats/elf/fields.ts';
import { MACHINES, register } from '../formats/elf/machine.ts';
import { describeError } from '../formats/v8/describe-error.ts';
import { findExitCallers } from '../formats/v8/exit-callers.ts';
import { findThrown } from '../formats/v8/find-thrown.ts';
import { pagedMemory } from '../formats/v8/paged-memory.ts';
import { V8Heap } from '../formats/v8/v8-heap.ts';
import { V8Objects } from '../formats/v8/v8-objects.ts';
import type { CandidateRecord } from '../model/probe-record.ts';
import type { HeldProcess } from './held-process.ts';
import type { NodeLayout } from './node-layout.ts';

/** A main thread has some 10 KB. */
const MAX_STACK_BYTES = 256 * 1024;
/** 8 MB of the heap; an exception takes some 70. */
const MAX_PAGES = 2000;

/**
 * Reads the exception that ends a held Node process, or who called `process.exit`, as the record that a probe would have
 * written. Private: it holds the message; what leaves the machine is decided as for a probe's record. null: it ends by
 * neither. A value that is no Error is not read (`thrown` is null).
 * @param startedAtMs time of day when the process started
 */
export function readUncaught(
  held: HeldProcess,
  layout: NodeLayout,
  startedAtMs: number,
): CandidateRecord | null {
  const begun = performance.now();
  const stackPointer = stackPointerOf(held.registers);
  if (stackPointer === null) return null;
  const bytes = held.readMemory(stackPointer, MAX_STACK_BYTES);
  const read = pagedMemory(held.readMemory, MAX_PAGES);
  const objects = new V8Objects(read, layout.v8);
  const heap = new V8Heap(read, layout.v8);
  const stack = { address: stackPointer, bytes };
  const found = findThrown({
    stack,
    heap,
    objects,
    layout: layout.v8,
    errorLayout: layout.errors,
    trigger: layout.trigger,
  });
  const code = held.status.type === 'code' ? held.status.code : null;
  const callers = found === null && code !== 0 ? findExitCallers(stack, heap, layout.v8) : null;
  if (found === null && callers === null) return null;
  const error = found?.error ?? null;
  const thrown =
    error === null ? null : describeError(error, { objects, heap, v8: layout.v8, layout: layout.errors });
  const atMs = Date.now();
  return {
    v: 1,
    type: 'candidate',
    pid: held.pid,
    event: found?.event ?? 'exit',
    atMs,
    uptimeS: Math.max(0, (atMs - startedAtMs) / 1000),
    // Node makes an error of its own for a rejection with another value.
    thrown: thrown?.code === 'ERR_UNHANDLED_REJECTION' ? null : thrown,
    callerFrames: callers ?? [],
    exitCode: code,
    appHandles: found?.isHandled ?? false,
    tookMs: performance.now() - begun,
    stderrOffset: null,
  };
}

/** null for the registers of another machine. */
function stackPointerOf(registers: Uint8Array): bigint | null {
  const machine = Object.values(MACHINES).find(({ registerCount }) => registerCount * 8 === registers.length);
  if (machine === undefined) return null;
  return register(new Fields(registers, 'registers'), machine.stackPointer) & ~7n;
}
