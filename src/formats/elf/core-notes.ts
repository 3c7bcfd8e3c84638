import { badElf, Fields } from './fields.ts';
import { MACHINES, type Machine } from './machine.ts';

/** Types of notes named `CORE` (core(5), elf.h). */
export const NT_PRSTATUS = 1;
export const NT_FPREGSET = 2;
export const NT_PRPSINFO = 3;
export const NT_AUXV = 6;
export const NT_SIGINFO = 0x53494749;
export const NT_FILE = 0x46494c45;

export type MappedFile = {
  start: bigint;
  end: bigint;
  /** In bytes. */
  offset: bigint;
  name: string;
};

/** NT_FILE: the mappings that have a file (fs/binfmt_elf.c, fill_files_note). Throws BAD_RECORD. */
export function parseMappedFiles(description: Uint8Array): MappedFile[] {
  const fields = new Fields(description, 'NT_FILE');
  const count = fields.u64(0);
  const unit = fields.u64(8);
  if (count > BigInt(description.length) / 24n) throw badElf('NT_FILE counts more than it holds');
  const files: MappedFile[] = [];
  let nameAt = 16 + Number(count) * 24;
  for (let at = 16; files.length < Number(count); at += 24) {
    const end = description.indexOf(0, nameAt);
    if (end < 0) throw badElf('NT_FILE is cut short');
    files.push({
      start: fields.u64(at),
      end: fields.u64(at + 8),
      offset: BigInt.asUintN(64, fields.u64(at + 16) * unit),
      name: new TextDecoder().decode(description.subarray(nameAt, end)),
    });
    nameAt = end + 1;
  }
  return files;
}

const REGISTERS_AT = 112;

export type ThreadStatus = {
  tid: number;
  /** Signal that ends the process; other threads may hold 0 or the same. */
  signal: number;
  /** `struct user_regs_struct`. */
  registers: Uint8Array;
};

/** `struct elf_prstatus` (sys/procfs.h). Throws BAD_RECORD. */
export function parseProcessStatus(description: Uint8Array, machine: Machine): ThreadStatus {
  const fields = new Fields(description, 'NT_PRSTATUS');
  return {
    signal: fields.u16(12),
    tid: fields.u32(32),
    registers: fields.slice(REGISTERS_AT, MACHINES[machine].registerCount * 8),
  };
}
