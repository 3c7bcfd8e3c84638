import { writeTrimmedCore } from '../../capture/native/trimmed-core.ts';
import { readAuxiliaryVector, readExecutable, readMemoryMap } from '../../debugger/traced-process.ts';
import type { HeldProcess } from '../../exit-watch/held-process.ts';
import { MACHINES, type Machine } from '../../formats/elf/machine.ts';
import type { HeldDump } from '../../model/held-dump.ts';

/**
 * The trimmed core of a process that is held at its exit: its first thread, as the kernel is ending the others. Without
 * a dump if it was released meanwhile; null for another machine. It waits for the return: call it after what matters more.
 */
export function captureHeld({ pid, registers, readMemory, isStillHeld }: HeldProcess): HeldDump | null {
  const machine = machineOf(registers);
  if (machine === null) return null;
  const executable = readExecutable(pid);
  const { chunks } = writeTrimmedCore({
    ...{ machine, pid, executable, readMemory },
    crashingTid: pid,
    threads: [{ tid: pid, registers, floatRegisters: null }],
    // No signal ended it.
    signal: 0,
    siginfo: null,
    auxv: readAuxiliaryVector(pid),
    mappings: readMemoryMap(pid),
  });
  // Of a process that went on meanwhile only a part was read.
  return { executable, chunks: isStillHeld() ? chunks : [] };
}

function machineOf(registers: Uint8Array): Machine | null {
  const names = Object.keys(MACHINES) as Machine[];
  return names.find((name) => MACHINES[name].registerCount * 8 === registers.length) ?? null;
}
