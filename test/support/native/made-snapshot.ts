import type { Mapping, ProcessSnapshot } from '../../../src/model/process-snapshot.ts';
import { pack } from './pack.ts';

export type MadeSnapshot = {
  machine?: ProcessSnapshot['machine'];
  signal?: number;
  /** Fields of siginfo_t behind `si_signo`. */
  code?: number;
  /** `si_addr`, or sender or number of the system call in the same place. */
  address?: bigint;
  mappings?: readonly (Partial<Mapping> & { start: bigint; end: bigint })[];
  /** General registers by number; the others are 0. */
  registers?: Readonly<Record<number, bigint>>;
  threads?: number;
  siginfo?: Uint8Array | null;
  auxv?: Uint8Array;
  memory?: (address: bigint, length: number) => Uint8Array;
};

/** A process that never existed; its memory is all zeros by default. */
export function madeSnapshot(made: MadeSnapshot = {}): ProcessSnapshot {
  const machine = made.machine ?? 'x86-64';
  const signal = made.signal ?? 11;
  const registers = Buffer.alloc((machine === 'arm64' ? 34 : 27) * 8);
  for (const [number, value] of Object.entries(made.registers ?? {})) {
    registers.writeBigUInt64LE(value, Number(number) * 8);
  }
  const siginfo = pack(
    ['u32', signal],
    ['u32', 0],
    ['u32', made.code ?? 1],
    ['u32', 0],
    ['u64', made.address ?? 0n],
  );
  const mappings = (made.mappings ?? []).map((mapping) => ({
    readable: true,
    writable: true,
    executable: false,
    offset: 0n,
    inode: 0n,
    name: '',
    ...mapping,
  }));
  return {
    machine,
    pid: 100,
    crashingTid: 100,
    threads: Array.from({ length: made.threads ?? 1 }, (_, index) => ({
      tid: 100 + index,
      registers,
      floatRegisters: null,
    })),
    signal,
    siginfo: made.siginfo === undefined ? pack(siginfo, Buffer.alloc(104)) : made.siginfo,
    auxv: made.auxv ?? new Uint8Array(),
    mappings,
    executable: '/srv/shop',
    readMemory:
      made.memory ??
      ((address, length) => {
        const mapping = mappings.find(({ start, end }) => start <= address && address < end);
        return new Uint8Array(mapping === undefined ? 0 : Math.min(length, Number(mapping.end - address)));
      }),
  };
}
