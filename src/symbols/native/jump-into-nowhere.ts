import { closeSync, openSync, writeSync } from 'node:fs';
import { type MappedFile, NT_PRSTATUS } from '../../formats/elf/core-notes.ts';
import { Fields } from '../../formats/elf/fields.ts';
import { MACHINES, type Machine } from '../../formats/elf/machine.ts';
import { PF_X, type ProgramHeader, PT_LOAD } from '../../formats/elf/program-header.ts';
import { mappedFilesOf, readAt, readCoreFile } from './core-file.ts';

/** A core whose crashing thread was set back to its last call. */
export type StepBack = {
  /** The invalid instruction pointer. */
  jumpedTo: bigint;
  returnAddress: bigint;
  /** Restores the core's registers. */
  restore(): void;
};

/**
 * A call of a null or wild function pointer leaves the thread at an address without code, where unwinders miss the caller
 * or stop. Since nothing ran after the call, the return address is still the first word on the stack (on arm64, in the
 * link register). In that case the registers in the core file are set to just inside the call, as for a caller. Changes
 * 16 bytes of the file until `restore`.
 *
 * null if the thread was in code, there is no return address, or the core cannot be read and written.
 */
export function stepBack(corePath: string): StepBack | null {
  let file: number;
  try {
    file = openSync(corePath, 'r+');
  } catch {
    return null;
  }
  let changed = false;
  try {
    const core = readCore(file);
    const target = core === null ? null : lastCall(core, file);
    if (core === null || target === null) return null;
    const { layout, registersAt, registers } = core;
    const original = Uint8Array.from(registers.bytes);
    const bytes = Uint8Array.from(original);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(layout.instructionPointer * 8, target.returnAddress - 1n, true);
    view.setBigUint64(layout.stackPointer * 8, target.stackPointer, true);
    writeSync(file, bytes, 0, bytes.length, Number(registersAt));
    changed = true;
    return {
      jumpedTo: target.jumpedTo,
      returnAddress: target.returnAddress,
      restore() {
        writeSync(file, original, 0, original.length, Number(registersAt));
        closeSync(file);
      },
    };
  } catch {
    // Damaged, too large, or no space: the tools try without it.
    return null;
  } finally {
    if (!changed) closeSync(file);
  }
}

type Core = {
  layout: (typeof MACHINES)[Machine];
  machine: Machine;
  segments: ProgramHeader[];
  files: MappedFile[];
  registers: Fields;
  registersAt: bigint;
};

const REGISTERS_AT = 112;
const LINK_REGISTER = 30;
function readCore(file: number): Core | null {
  const core = readCoreFile(file);
  const status = core?.notes.find(({ type }) => type === NT_PRSTATUS);
  if (core === null || status === undefined) return null;
  const { machine, segments, notesAt, notesBytes } = core;
  const layout = MACHINES[machine];
  const registers = new Fields(status.description, 'NT_PRSTATUS').slice(
    REGISTERS_AT,
    layout.registerCount * 8,
  );
  return {
    machine,
    layout,
    segments,
    files: mappedFilesOf(core),
    registers: new Fields(registers, 'registers'),
    registersAt: notesAt + BigInt(registers.byteOffset - notesBytes.byteOffset),
  };
}

function lastCall(
  { machine, layout, segments, files, registers }: Core,
  file: number,
): { jumpedTo: bigint; returnAddress: bigint; stackPointer: bigint } | null {
  const isCode = (address: bigint) => {
    const segment = segments.find(
      (segment) =>
        segment.type === PT_LOAD &&
        address >= segment.address &&
        address < segment.address + segment.memorySizeBytes,
    );
    // gdb writes no segments for code.
    if (segment === undefined) return files.some(({ start, end }) => address >= start && address < end);
    return (segment.flags & PF_X) !== 0;
  };
  const jumpedTo = registers.u64(layout.instructionPointer * 8);
  const stackPointer = registers.u64(layout.stackPointer * 8);
  if (isCode(jumpedTo)) return null;
  if (machine === 'arm64') {
    const returnAddress = registers.u64(LINK_REGISTER * 8);
    return isCode(returnAddress) ? { jumpedTo, returnAddress, stackPointer } : null;
  }
  const stack = segments.find(
    ({ type, address, fileSizeBytes }) =>
      type === PT_LOAD && stackPointer >= address && stackPointer + 8n <= address + fileSizeBytes,
  );
  if (stack === undefined) return null;
  const word = readAt(file, stack.offset + stackPointer - stack.address, 8);
  const returnAddress = new Fields(word, 'the stack').u64(0);
  return isCode(returnAddress) ? { jumpedTo, returnAddress, stackPointer: stackPointer + 8n } : null;
}
