import type { RegisterLayout } from '../formats/rsp/register-layout.ts';
import type { ProcessSnapshot, ThreadSnapshot } from '../model/process-snapshot.ts';
import type { LiveMemory } from './live-memory.ts';
import type { TargetReader } from './target-reader.ts';
import { readAuxiliaryVector, readExecutable, readMemoryMap } from './traced-process.ts';

/** How many threads' registers are requested at once; in between the deadline is checked. */
const THREADS_AT_ONCE = 16;

export type CrashingThread = { tid: number; answer: Uint8Array; siginfo: Uint8Array | null };

/**
 * Takes the snapshot of a stopped process. Threads whose registers cannot be read, or not before
 * `until` (of performance.now), are left out.
 * @throws CrashmonError BAD_RECORD where the crashing thread's registers are invalid
 */
export async function takeSnapshot(options: {
  pid: number;
  signal: number;
  crashing: CrashingThread;
  /** Stopped threads, including the crashing one. */
  stopped: readonly number[];
  layout: RegisterLayout;
  reader: TargetReader;
  memory: LiveMemory;
  until: number;
}): Promise<ProcessSnapshot> {
  const { pid, signal, crashing, layout, reader, memory } = options;
  const threads: ThreadSnapshot[] = [
    {
      tid: crashing.tid,
      registers: layout.general(crashing.answer),
      floatRegisters: layout.float(crashing.answer),
    },
  ];
  const others = options.stopped.filter((tid) => tid !== crashing.tid);
  while (others.length > 0 && performance.now() < options.until) {
    const reads = others.splice(0, THREADS_AT_ONCE).map(async (tid) => {
      const registers = layout.general(await reader.registers(tid));
      threads.push({ tid, registers, floatRegisters: null });
    });
    await Promise.allSettled(reads);
  }
  const auxv = readAuxiliaryVector(pid);
  return {
    machine: layout.machine,
    pid,
    crashingTid: crashing.tid,
    threads,
    signal,
    siginfo: crashing.siginfo,
    auxv: auxv.length > 0 ? auxv : await reader.auxiliaryVector().catch(() => auxv),
    mappings: readMemoryMap(pid),
    executable: readExecutable(pid),
    readMemory: (address, length) => memory.read(address, length),
  };
}
