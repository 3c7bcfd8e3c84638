import type { CrashReport } from '../model/crash-report.ts';
import type { HeapMemoryRecord, ProcessMemoryRecord } from '../model/memory.ts';

/** The field of a report that says where the memory was. Clocks can be set back: nothing was read after the end. */
export function memoryBeforeEnd(
  memory: ProcessMemoryRecord | null,
  heap: HeapMemoryRecord | null,
  diedAtMs: number,
): Pick<CrashReport, 'memory'> {
  if (memory === null && heap === null) return {};
  const before = (atMs: number) => Math.max(0, Math.round(diedAtMs - atMs));
  return {
    memory: {
      process: memory === null ? null : processOf(memory),
      heap: heap === null ? null : heapOf(heap),
      largest: memory?.largest ?? [],
    },
  };

  function processOf({ atMs, largest: _, ...facts }: ProcessMemoryRecord) {
    return { beforeEndMs: before(atMs), ...facts };
  }

  function heapOf({ atMs, ...facts }: HeapMemoryRecord) {
    return { beforeEndMs: before(atMs), ...facts };
  }
}
