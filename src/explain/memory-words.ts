import { formatDuration } from '../formats/duration.ts';
import { grouped, plural } from '../formats/quantity-words.ts';
import type {
  ACTIVE_RESOURCES,
  DescriptorKind,
  HeapMemory,
  MappingKind,
  MemoryBeforeEnd,
  MemoryUse,
  ProcessMemory,
} from '../model/memory.ts';
import { megabytes } from './heap-words.ts';
import type { Fact } from './report-facts.ts';

/** `bytes` of one kind of memory. */
export type MemoryPart = { readonly label: string; readonly bytes: number; readonly percent: number };

export type MemorySection = {
  readonly facts: readonly Fact[];
  /** `Resident memory`, `JavaScript heap`; largest part first. */
  readonly tables: readonly { readonly heading: string; readonly parts: readonly MemoryPart[] }[];
  /** What fits these numbers. */
  readonly advice: readonly string[];
};

export const MEMORY_HEADING = 'Memory before the end';

const LIMIT_WORDS: Record<MemoryUse['of'], string> = {
  cgroup: 'limit of its control group (container or service)',
  machine: 'memory of the machine',
  heap: 'limit of the JavaScript heap',
};

const MAPPING_WORDS: Record<MappingKind, string> = {
  anonymous: 'anonymous (heaps of runtimes, buffers, large allocations)',
  heap: 'heap of malloc',
  stack: 'stack',
  shared: 'shared memory',
  program: 'program',
  library: 'libraries',
  file: 'mapped files',
  other: 'other',
};

const DESCRIPTOR_WORDS: Record<DescriptorKind, [string, string]> = {
  socket: ['socket', 'sockets'],
  file: ['file', 'files'],
  pipe: ['pipe end', 'pipe ends'],
  event: ['event descriptor', 'event descriptors'],
  other: ['other', 'others'],
};

const RESOURCE_WORDS: Partial<Record<(typeof ACTIVE_RESOURCES)[number], [string, string]>> = {
  TCPSocketWrap: ['TCP socket', 'TCP sockets'],
  TCPServerWrap: ['TCP server', 'TCP servers'],
  Timeout: ['timer', 'timers'],
  Immediate: ['immediate', 'immediates'],
  PipeWrap: ['pipe', 'pipes'],
  FSReqCallback: ['file operation', 'file operations'],
  FSReqPromise: ['file operation (promise)', 'file operations (promises)'],
  other: ['other', 'others'],
};

/** Less is not worth a line. */
const SMALL_BYTES = 1024 * 1024;
const MOST_PARTS = 8;
const MANY_DESCRIPTORS = 1_000;

/** Where the memory was before it ran out, in words. */
export function memorySection({ process, heap }: MemoryBeforeEnd): MemorySection {
  return {
    facts: [...(process === null ? [] : processFacts(process)), ...(heap === null ? [] : heapFacts(heap))],
    tables: [
      ...(process?.mappings == null
        ? []
        : table('Resident memory', process.residentBytes, process.mappings, ({ kind, bytes }) => ({
            label: MAPPING_WORDS[kind],
            bytes,
          }))),
      ...(heap === null || heap.spaces.length === 0
        ? []
        : table('JavaScript heap', heap.usedBytes, heap.spaces, ({ name, usedBytes }) => ({
            label: name === 'other' ? 'other spaces' : name.replaceAll('_', ' '),
            bytes: usedBytes,
          }))),
    ],
    advice: adviceOf(process, heap),
  };
}

function processFacts(process: ProcessMemory): Fact[] {
  const { beforeEndMs, uses, residentBytes, growth, descriptors, threads } = process;
  const [nearest] = uses;
  const rows: [string, string | null][] = [
    ['Read', `${formatDuration(beforeEndMs)} before the end`],
    ['In use', nearest === undefined ? null : useWords(nearest)],
    ['Worker', `${megabytes(residentBytes)} resident`],
    ['Growth', growth === null ? null : growthWords(growth)],
    [
      'Open',
      descriptors === null
        ? null
        : descriptors.map(({ kind, count }) => plural(count, ...DESCRIPTOR_WORDS[kind])).join(', '),
    ],
    ['Threads', threads === null ? null : grouped(threads)],
  ];
  return shown(rows);
}

function useWords({ of, usedBytes, limitBytes }: MemoryUse): string {
  const share = Math.round((100 * usedBytes) / limitBytes);
  return `${megabytes(usedBytes)} of ${megabytes(limitBytes)} (${share} %), the ${LIMIT_WORDS[of]}`;
}

/** Of less, a minute would be a guess. */
const RATE_FROM_MS = 10_000;

/** `+120 MB in 30 s (240 MB per minute)` */
function growthWords({ bytes, overMs }: NonNullable<ProcessMemory['growth']>): string {
  if (bytes <= 0) return `none in ${formatDuration(overMs)}`;
  const rate = overMs < RATE_FROM_MS ? '' : ` (${megabytes((bytes / overMs) * 60_000)} per minute)`;
  return `+${megabytes(bytes)} in ${formatDuration(overMs)}${rate}`;
}

function heapFacts(heap: HeapMemory): Fact[] {
  const { beforeEndMs, usedBytes, limitBytes, externalBytes, resources } = heap;
  const limit = limitBytes === null ? '' : ` of ${megabytes(limitBytes)}`;
  const active = resources
    .slice(0, MOST_PARTS)
    .map(({ type, count }) => plural(count, ...(RESOURCE_WORDS[type] ?? ([type, type] as const))));
  return shown([
    [
      'JavaScript',
      `${megabytes(usedBytes)}${limit} in the heap, ${megabytes(externalBytes)} of buffers and the like outside of it; read ${formatDuration(beforeEndMs)} before the end`,
    ],
    ['Active', active.length === 0 ? null : active.join(', ')],
  ]);
}

function shown(rows: readonly [string, string | null][]): Fact[] {
  return rows.flatMap(([label, value]) => (value === null || value === '' ? [] : [{ label, value }]));
}

function table<T>(
  heading: string,
  totalBytes: number,
  rows: readonly T[],
  partOf: (row: T) => { label: string; bytes: number },
): MemorySection['tables'][number][] {
  const parts = rows
    .map(partOf)
    .filter(({ bytes }) => bytes >= SMALL_BYTES)
    .slice(0, MOST_PARTS)
    .map((part) => ({ ...part, percent: Math.round((100 * part.bytes) / Math.max(1, totalBytes)) }));
  return parts.length === 0 ? [] : [{ heading, parts }];
}

/** Only what the numbers show. */
function adviceOf(process: ProcessMemory | null, heap: HeapMemory | null): string[] {
  return [limitAdvice(process, heap), placeAdvice(process, heap), descriptorAdvice(process)].filter(
    (advice) => advice !== null,
  );
}

function limitAdvice(process: ProcessMemory | null, heap: HeapMemory | null): string | null {
  const [nearest] = process?.uses ?? [];
  if (process === null || nearest === undefined || nearest.of === 'heap') return null;
  if (process.residentBytes < nearest.usedBytes / 2) {
    return `The worker had ${megabytes(process.residentBytes)} of the ${megabytes(nearest.usedBytes)} in use: other processes had the rest.`;
  }
  const limit = heap?.limitBytes ?? null;
  if (limit === null || limit < nearest.limitBytes) return null;
  return `The JavaScript heap can grow to ${megabytes(limit)}, beyond the ${megabytes(nearest.limitBytes)} that are there: set --max-old-space-size lower, so that V8 collects garbage earlier.`;
}

/** The heap was read at the last full collection, which can be a while ago. */
function placeAdvice(process: ProcessMemory | null, heap: HeapMemory | null): string | null {
  if (heap !== null) {
    const whole = Math.max(process?.residentBytes ?? 0, heap.usedBytes + heap.externalBytes);
    if (heap.usedBytes > whole / 2)
      return 'Most of it was in the JavaScript heap: look for objects that are kept (caches, listeners, queues), and compare heap snapshots.';
    if (heap.externalBytes > whole / 2)
      return 'Most of it was outside of the JavaScript heap: look for Buffers and ArrayBuffers that are kept.';
  }
  const [largest] = process?.mappings ?? [];
  if (process === null || largest === undefined || largest.bytes < process.residentBytes / 2) return null;
  if (largest.kind === 'shared')
    return 'Most of it was shared memory: look for files in /dev/shm and for memory that processes share.';
  return null;
}

function descriptorAdvice(process: ProcessMemory | null): string | null {
  const [most] = process?.descriptors ?? [];
  if (most === undefined || most.count < MANY_DESCRIPTORS) return null;
  const open = plural(most.count, ...DESCRIPTOR_WORDS[most.kind]);
  return `It had ${open} open: check that they are closed, and how much is kept for each.`;
}
