import {
  ACTIVE_RESOURCES,
  DESCRIPTOR_KINDS,
  HEAP_SPACES,
  type HeapMemory,
  MAPPING_KINDS,
  MEMORY_LIMITS,
  type MemoryBeforeEnd,
  type ProcessMemory,
} from '../model/memory.ts';

const MAX_ROWS = 64;

type Json = Readonly<Record<string, unknown>>;

/**
 * The field of a report that says where the memory was: numbers, kinds and Node's own names, or nothing. Of this machine or
 * of any sender; a name that is not listed becomes `other`.
 */
export function publicMemory(memory: unknown): { memory?: MemoryBeforeEnd } {
  if (!isObject(memory)) return {};
  const process = isObject(memory.process) ? processMemory(memory.process) : null;
  const heap = isObject(memory.heap) ? heapMemory(memory.heap) : null;
  return process === null && heap === null ? {} : { memory: { process, heap } };
}

function processMemory(json: Json): ProcessMemory | null {
  const beforeEndMs = size(json.beforeEndMs);
  const residentBytes = size(json.residentBytes);
  if (beforeEndMs === null || residentBytes === null) return null;
  return {
    beforeEndMs,
    uses: rows(json.uses).flatMap((row) => {
      const of = MEMORY_LIMITS.find((limit) => limit === row.of);
      const usedBytes = size(row.usedBytes);
      const limitBytes = size(row.limitBytes);
      return of === undefined || usedBytes === null || !limitBytes ? [] : [{ of, usedBytes, limitBytes }];
    }),
    residentBytes,
    growth: isObject(json.growth) ? growthOf(json.growth) : null,
    mappings: isList(json.mappings)
      ? rows(json.mappings).map((row) => ({
          kind: MAPPING_KINDS.find((kind) => kind === row.kind) ?? 'other',
          bytes: size(row.bytes) ?? 0,
        }))
      : null,
    descriptors: isList(json.descriptors)
      ? rows(json.descriptors).map((row) => ({
          kind: DESCRIPTOR_KINDS.find((kind) => kind === row.kind) ?? 'other',
          count: size(row.count) ?? 0,
        }))
      : null,
    threads: size(json.threads),
  };
}

function growthOf({ bytes, overMs }: Json): ProcessMemory['growth'] {
  const over = size(overMs);
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && over ? { bytes, overMs: over } : null;
}

function heapMemory(json: Json): HeapMemory | null {
  const beforeEndMs = size(json.beforeEndMs);
  const usedBytes = size(json.usedBytes);
  if (beforeEndMs === null || usedBytes === null) return null;
  return {
    beforeEndMs,
    usedBytes,
    limitBytes: size(json.limitBytes),
    externalBytes: size(json.externalBytes) ?? 0,
    arrayBufferBytes: size(json.arrayBufferBytes) ?? 0,
    spaces: rows(json.spaces).map((row) => ({
      name: HEAP_SPACES.find((name) => name === row.name) ?? 'other',
      usedBytes: size(row.usedBytes) ?? 0,
      sizeBytes: size(row.sizeBytes) ?? 0,
    })),
    resources: rows(json.resources).map((row) => ({
      type: ACTIVE_RESOURCES.find((type) => type === row.type) ?? 'other',
      count: size(row.count) ?? 0,
    })),
  };
}

function rows(value: unknown): Json[] {
  return isList(value) ? value.slice(0, MAX_ROWS).filter(isObject) : [];
}

function size(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
