import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemoryUse, ProcessMemory, ProcessMemoryRecord } from '../model/memory.ts';
import type { MemorySample } from '../policy/memory-looks.ts';
import { readCounted, readDescriptors, readMappedMemory } from '../worker/read-process-memory.ts';
import { PROCESS_MEMORY_NAME } from './raw-run.ts';

/** Reading the mappings of a larger process would hold it up where it maps memory. */
const LARGE_BYTES = 1024 ** 3;

/** What is read in no time. */
export function memoryFacts(
  pid: number,
  now: MemorySample,
  growth: ProcessMemory['growth'],
): ProcessMemoryRecord {
  const { atMs, residentBytes } = now;
  return {
    ...{ atMs, residentBytes, growth },
    uses: [...now.uses].sort((one, other) => shareOf(other) - shareOf(one)),
    ...{ ...readCounted(pid), descriptors: readDescriptors(pid), largest: [] },
  };
}

/** With what the mappings are for; null if the process is too large for it, or has ended. */
export async function withMappings(
  pid: number,
  facts: ProcessMemoryRecord,
): Promise<ProcessMemoryRecord | null> {
  const mapped = isLarge(facts) ? null : await readMappedMemory(pid);
  return mapped === null ? null : { ...facts, mappings: mapped.kinds, largest: mapped.largest };
}

export function isLarge({ residentBytes }: Pick<ProcessMemoryRecord, 'residentBytes'>): boolean {
  return residentBytes > LARGE_BYTES;
}

/** Into the raw directory of a run. A reader finds the old one or the new one, also after kill -9. */
export function keepMemoryFacts(directory: string, record: ProcessMemoryRecord): void {
  const path = join(directory, PROCESS_MEMORY_NAME);
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
  renameSync(temporary, path);
}

function shareOf({ usedBytes, limitBytes }: MemoryUse): number {
  return usedBytes / limitBytes;
}
