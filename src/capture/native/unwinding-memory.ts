import { AT_PHDR, AT_RANDOM, AT_SYSINFO_EHDR } from '../../formats/elf/auxiliary-vector.ts';
import { Fields } from '../../formats/elf/fields.ts';
import { readLinkMap } from '../../formats/elf/link-map.ts';
import { MACHINES, register } from '../../formats/elf/machine.ts';
import { mappingAt, type Stack, stackAt } from '../../formats/elf/mapping-at.ts';
import type { ReadBytes } from '../../formats/elf/memory-reader.ts';
import type { DumpProblem } from '../../model/native-record.ts';
import type { ProcessSnapshot, ThreadSnapshot } from '../../model/process-snapshot.ts';
import type { CodeWords } from './code-words.ts';
import { outerStack, type Position } from './outer-stack.ts';
import { stackWindows } from './stack-windows.ts';
import type { WantedMemory } from './wanted-memory.ts';

const CRASHING_STACK_BYTES = 1024 * 1024;
const OVERFLOWN_STACK_BYTES = 8 * 1024 * 1024;
const OTHER_STACK_BYTES = 128 * 1024;
const MAX_VDSO_BYTES = 64 * 1024;
/** Its own, those that handlers on alternate stacks interrupted, those that coroutines were started from. */
const MAX_STACKS_OF_A_THREAD = 4;

/** What the parts of a trimmed core are gathered with. */
export type Wanted = {
  snapshot: ProcessSnapshot;
  memory: WantedMemory;
  problems: Set<DumpProblem>;
  auxv: ReadonlyMap<number, bigint>;
  pageBytes: number;
  read: ReadBytes;
  code: CodeWords;
};

export function addCrashingThread(wanted: Wanted, thread: ThreadSnapshot): void {
  const { snapshot, memory, problems, read, code } = wanted;
  const layout = MACHINES[snapshot.machine];
  let position: Position | null = positionOf(wanted, thread);
  for (let stacks = 0; position !== null && stacks < MAX_STACKS_OF_A_THREAD; stacks++) {
    if (position.instructionPointer !== null) addCode(wanted, position.instructionPointer);
    const stack = stackOf(wanted, position.stackPointer);
    if (stack === null) {
      problems.add('no-stack');
      return;
    }
    const limits = {
      wholeBytes: CRASHING_STACK_BYTES,
      limitBytes: stack.overflown ? OVERFLOWN_STACK_BYTES : CRASHING_STACK_BYTES,
    };
    const start = position.stackPointer - BigInt(layout.redZoneBytes);
    const windows = stackWindows(stack, start, limits, read, code);
    if (windows.length > 1) problems.add('stack-cut');
    for (const { address, length } of windows) {
      if (!memory.add(address, length)) problems.add('size-limit');
    }
    position = outerStack(position, snapshot.mappings, read, code, layout);
  }
}

/**
 * The stack that a stack pointer belongs to. The one the process began on holds its arguments and environment above
 * AT_RANDOM, the lowest of what the kernel put there (fs/binfmt_elf.c), and no frame reaches so far.
 */
function stackOf({ snapshot, auxv }: Wanted, stackPointer: bigint): Stack | null {
  const stack = stackAt(snapshot.mappings, stackPointer);
  const ceiling = auxv.get(AT_RANDOM) ?? 0n;
  if (stack === null || ceiling <= stackPointer || ceiling >= stack.mapping.end) return stack;
  return { ...stack, mapping: { ...stack.mapping, end: ceiling } };
}

export function addOtherThreads(wanted: Wanted, threads: readonly ThreadSnapshot[]): boolean {
  const { snapshot, memory } = wanted;
  const redZone = BigInt(MACHINES[snapshot.machine].redZoneBytes);
  let complete = true;
  threads.forEach((thread, index) => {
    const { stackPointer, instructionPointer } = positionOf(wanted, thread);
    addCode(wanted, instructionPointer);
    const stack = stackOf(wanted, stackPointer);
    if (stack === null) return;
    const start = maxOf(stackPointer - redZone, stack.mapping.start);
    // What is left is shared, so that the last threads have frames too.
    const share = Math.floor(memory.budgetBytes / (threads.length - index));
    const length = Math.min(OTHER_STACK_BYTES, Number(stack.mapping.end - start));
    complete = length <= share && complete;
    memory.add(start, Math.min(length, share));
  });
  return complete;
}

export function addLinkMap({ snapshot, memory, problems, auxv, read }: Wanted): void {
  try {
    const map = readLinkMap(read, auxv);
    if (map.damaged) problems.add('link-map-damaged');
    for (const { address, length } of map.ranges) memory.add(address, length);
  } catch {
    // A process that is not the program of its auxiliary vector any more, or before its first instruction.
    problems.add('link-map-damaged');
  }
  // Debuggers begin at the program's own headers.
  const headers = auxv.get(AT_PHDR);
  if (headers !== undefined && mappingAt(snapshot.mappings, headers) !== null) memory.add(headers, 56 * 16);
}

/** The page of an instruction: debuggers know signal frames and function starts by the code. */
function addCode({ memory, pageBytes }: Wanted, instructionPointer: bigint): void {
  memory.add(instructionPointer - (instructionPointer % BigInt(pageBytes)), pageBytes);
}

export function addVdso({ snapshot, memory, auxv }: Wanted): void {
  const address = auxv.get(AT_SYSINFO_EHDR);
  const mapping = address === undefined ? null : mappingAt(snapshot.mappings, address);
  if (mapping !== null)
    memory.add(mapping.start, Math.min(MAX_VDSO_BYTES, Number(mapping.end - mapping.start)));
}

function positionOf({ snapshot }: Wanted, thread: ThreadSnapshot) {
  const layout = MACHINES[snapshot.machine];
  const registers = new Fields(thread.registers, 'registers');
  return {
    stackPointer: register(registers, layout.stackPointer),
    framePointer: register(registers, layout.framePointer),
    instructionPointer: register(registers, layout.instructionPointer),
  };
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
