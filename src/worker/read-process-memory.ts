import { createReadStream, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { descriptorKind } from '../formats/procfs/descriptor-kind.ts';
import { MappedMemory } from '../formats/procfs/mapped-memory.ts';
import { parseResident, parseResidentKinds } from '../formats/procfs/memory-use.ts';
import { parseProcessStatus } from '../formats/procfs/process-status.ts';
import { DESCRIPTOR_KINDS, type DescriptorKind, type ProcessMemory } from '../model/memory.ts';
import { readExecutable } from './process-info.ts';

/** Looked at one after the other; of more only the number is known. */
const MAX_DESCRIPTORS = 20_000;
const PIECE = 64 * 1024;
/** Of all architectures that crashmon runs on, unless a kernel is built otherwise. */
const PAGE_BYTES = 4096;

/** Resident bytes of a process; null if it has ended. One small read. */
export function readResident(pid: number): number | null {
  try {
    return parseResident(readFileSync(`/proc/${pid}/statm`, 'utf8'), PAGE_BYTES);
  } catch {
    return null;
  }
}

/** What the kernel counts anyway. One small read. */
export function readCounted(pid: number): Pick<ProcessMemory, 'threads' | 'mappings'> {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      threads: parseProcessStatus(status)?.threads ?? null,
      mappings: parseResidentKinds(status),
    };
  } catch {
    return { threads: null, mappings: null };
  }
}

/** Open descriptors by kind, most first; null if they cannot be read. */
export function readDescriptors(pid: number): ProcessMemory['descriptors'] {
  const counts = new Map<DescriptorKind, number>();
  const add = (kind: DescriptorKind, more: number) => counts.set(kind, (counts.get(kind) ?? 0) + more);
  try {
    const names = readdirSync(`/proc/${pid}/fd`);
    for (const name of names.slice(0, MAX_DESCRIPTORS)) {
      const kind = kindOf(`/proc/${pid}/fd/${name}`);
      if (kind !== null) add(kind, 1);
    }
    if (names.length > MAX_DESCRIPTORS) add('other', names.length - MAX_DESCRIPTORS);
  } catch {
    return null;
  }
  const found = DESCRIPTOR_KINDS.flatMap((kind) => {
    const count = counts.get(kind) ?? 0;
    return count === 0 ? [] : [{ kind, count }];
  });
  // Of a process that is ending they are closed.
  return found.length === 0 ? null : found.sort((one, other) => other.count - one.count);
}

/**
 * The kernel walks through all pages of a process, and what maps memory there waits for it: 16 ms for a gigabyte (measured).
 * In pieces; null if the process ended meanwhile, or it cannot be read.
 */
export async function readMappedMemory(pid: number): Promise<MappedMemory | null> {
  const mapped = new MappedMemory(readExecutable(pid));
  try {
    const pieces = createReadStream(`/proc/${pid}/smaps`, { encoding: 'latin1', highWaterMark: PIECE });
    for await (const piece of pieces) mapped.add(piece as string);
  } catch {
    return null;
  }
  return mapped.kinds === null || readResident(pid) === null ? null : mapped;
}

function kindOf(path: string): DescriptorKind | null {
  try {
    return descriptorKind(readlinkSync(path));
  } catch {
    // Closed meanwhile.
    return null;
  }
}
