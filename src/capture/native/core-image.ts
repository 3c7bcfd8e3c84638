import {
  ELF_HEADER_BYTES,
  ET_CORE,
  PN_XNUM,
  PROGRAM_HEADER_BYTES,
  SECTION_HEADER_BYTES,
} from '../../formats/elf/elf-header.ts';
import { MACHINES, type Machine } from '../../formats/elf/machine.ts';
import { PF_R, PF_W, PF_X, PT_LOAD, PT_NOTE } from '../../formats/elf/program-header.ts';
import type { Segment } from './wanted-memory.ts';

/** Bytes of a core beside notes and memory, for so many segments and their alignment. */
export function overheadBytes(segmentCount: number, pageBytes: number): number {
  return ELF_HEADER_BYTES + (segmentCount + 1) * PROGRAM_HEADER_BYTES + SECTION_HEADER_BYTES + pageBytes;
}

/** An ELF core file (ELF gABI, core(5)) in pieces, to be written one after the other. */
export function coreImage(
  machine: Machine,
  notes: Uint8Array,
  segments: readonly Segment[],
  pageBytes: number,
): Uint8Array[] {
  const headers = segments.map((segment) => ({ ...segment, isStored: segment.pieces.length > 0 }));
  const head = coreHead(machine, notes, headers, pageBytes);
  return [head, ...segments.flatMap(({ pieces }) => pieces.filter(({ length }) => length > 0))];
}

/** A segment whose bytes follow the head of the file, or of which only the place is known. */
export type StoredSegment = Pick<Segment, 'mapping' | 'address' | 'sizeBytes'> & { isStored: boolean };

/** The beginning of a core file; the bytes of what is stored follow, in order. */
export function coreHead(
  machine: Machine,
  notes: Uint8Array,
  segments: readonly StoredSegment[],
  pageBytes: number,
): Uint8Array {
  const count = segments.length + 1;
  const extended = count >= PN_XNUM;
  const notesAt = ELF_HEADER_BYTES + count * PROGRAM_HEADER_BYTES + (extended ? SECTION_HEADER_BYTES : 0);
  const memoryAt = Math.ceil((notesAt + notes.length) / pageBytes) * pageBytes;
  const head = Buffer.alloc(memoryAt);
  writeElfHeader(head, machine, count);
  if (extended) {
    const section = notesAt - SECTION_HEADER_BYTES;
    head.writeBigUInt64LE(BigInt(section), 40);
    head.writeUInt16LE(SECTION_HEADER_BYTES, 58);
    head.writeUInt16LE(1, 60);
    head.writeUInt32LE(count, section + 44);
  }
  writeProgramHeader(head, 0, {
    type: PT_NOTE,
    flags: 0,
    offset: notesAt,
    address: 0n,
    size: notes.length,
    memorySize: 0n,
    align: 4,
  });
  let offset = memoryAt;
  segments.forEach(({ mapping, address, sizeBytes, isStored }, index) => {
    const flags =
      (mapping.readable ? PF_R : 0) | (mapping.writable ? PF_W : 0) | (mapping.executable ? PF_X : 0);
    const size = isStored ? Number(sizeBytes) : 0;
    const memorySize = sizeBytes;
    const header = {
      type: PT_LOAD,
      flags,
      offset,
      address,
      size,
      memorySize,
      align: pageBytes,
    };
    writeProgramHeader(head, index + 1, header);
    offset += size;
  });
  head.set(notes, notesAt);
  return head;
}

function writeElfHeader(head: Buffer, machine: Machine, count: number): void {
  // Magic, 64-bit, little-endian, version 1.
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  head.writeUInt16LE(ET_CORE, 16);
  head.writeUInt16LE(MACHINES[machine].elfMachine, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32);
  head.writeUInt16LE(ELF_HEADER_BYTES, 52);
  head.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  head.writeUInt16LE(Math.min(count, PN_XNUM), 56);
}

function writeProgramHeader(
  head: Buffer,
  index: number,
  header: {
    type: number;
    flags: number;
    offset: number;
    address: bigint;
    size: number;
    memorySize: bigint;
    align: number;
  },
): void {
  const at = ELF_HEADER_BYTES + index * PROGRAM_HEADER_BYTES;
  head.writeUInt32LE(header.type, at);
  head.writeUInt32LE(header.flags, at + 4);
  head.writeBigUInt64LE(BigInt(header.offset), at + 8);
  head.writeBigUInt64LE(header.address, at + 16);
  head.writeBigUInt64LE(BigInt(header.size), at + 32);
  head.writeBigUInt64LE(header.memorySize, at + 40);
  head.writeBigUInt64LE(BigInt(header.align), at + 48);
}
