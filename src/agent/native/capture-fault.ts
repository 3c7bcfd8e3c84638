import { classifyFault } from '../../analysis/fault/classify-fault.ts';
import { writeTrimmedCore } from '../../capture/native/trimmed-core.ts';
import type { KeptMemory } from '../../debugger/kept-memory.ts';
import { Fields } from '../../formats/elf/fields.ts';
import { MACHINES, register } from '../../formats/elf/machine.ts';
import { mappingAt } from '../../formats/elf/mapping-at.ts';
import { findJavaScriptCalls } from '../../formats/v8/javascript-calls.ts';
import { V8Heap } from '../../formats/v8/v8-heap.ts';
import type { V8Layout } from '../../formats/v8/v8-layout.ts';
import type { Register } from '../../model/crash-report.ts';
import type { FaultClassification } from '../../model/fault.ts';
import type { DumpProblem } from '../../model/native-record.ts';
import type { JavaScriptCall } from '../../model/native-stack.ts';
import type { ProcessSnapshot } from '../../model/process-snapshot.ts';
import type { WholeMemoryObstacle } from '../../model/whole-memory.ts';

/** What is copied from a process while it is held; kept in memory until the process has ended. */
export type CapturedFault = {
  fault: FaultClassification;
  executable: string;
  threadCount: number;
  missingThreads: number;
  registers: Register[];
  calls: JavaScriptCall[];
  /** The dump, in pieces. */
  chunks: readonly Uint8Array[];
  dumpProblems: DumpProblem[];
  /** All memory, or why it is not kept; null if it is not wanted. */
  whole: KeptMemory | WholeMemoryObstacle | null;
};

/** How far up the stack JavaScript calls are searched for. */
const MAX_STACK_BYTES = 1024 * 1024;

/**
 * Copies what a report needs from a process that is held at a fatal signal. The worker waits meanwhile: nothing here is
 * asynchronous, and the slowest step comes last.
 */
export function captureFault(
  snapshot: ProcessSnapshot,
  missingThreads: number,
  v8: V8Layout | null,
): CapturedFault {
  const fault = classifyFault(snapshot);
  const { chunks, problems } = writeTrimmedCore(snapshot);
  return {
    fault,
    executable: snapshot.executable,
    threadCount: snapshot.threads.length,
    missingThreads,
    registers: registersOf(snapshot),
    calls: v8 === null ? [] : callsOf(snapshot, v8),
    chunks,
    dumpProblems: [...problems],
    whole: null,
  };
}

function registersOf(snapshot: ProcessSnapshot): Register[] {
  const fields = crashingRegisters(snapshot);
  if (fields === null) return [];
  return MACHINES[snapshot.machine].registerNames.map((name, number) => ({
    name,
    value: `0x${register(fields, number).toString(16)}`,
  }));
}

function callsOf(snapshot: ProcessSnapshot, v8: V8Layout): JavaScriptCall[] {
  const fields = crashingRegisters(snapshot);
  if (fields === null) return [];
  const stackPointer = register(fields, MACHINES[snapshot.machine].stackPointer) & ~7n;
  const stack = mappingAt(snapshot.mappings, stackPointer);
  if (stack === null) return [];
  const length = Math.min(MAX_STACK_BYTES, Number(stack.end - stackPointer));
  const bytes = snapshot.readMemory(stackPointer, length);
  const heap = new V8Heap((address, count) => snapshot.readMemory(address, count), v8);
  return findJavaScriptCalls({ address: stackPointer, bytes }, heap, v8);
}

function crashingRegisters({ machine, threads }: ProcessSnapshot): Fields | null {
  const bytes = threads[0]?.registers;
  if (bytes === undefined || bytes.length < MACHINES[machine].registerCount * 8) return null;
  return new Fields(bytes, 'registers');
}
