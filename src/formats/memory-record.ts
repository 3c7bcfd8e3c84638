import {
  ACTIVE_RESOURCES,
  DESCRIPTOR_KINDS,
  HEAP_SPACES,
  type HeapMemoryRecord,
  MAPPING_KINDS,
  MEMORY_LIMITS,
  type ProcessMemoryRecord,
} from '../model/memory.ts';
import {
  array,
  asObject,
  integer,
  integerOrNull,
  literal,
  own,
  readJsonObject,
  string,
} from './probe-record/record-reader.ts';

const MAX_USES = 16;
const MAX_NAMES = 64;
const MAX_PATH = 4096;

type Json = Readonly<Record<string, unknown>>;

/** Reads what the agent kept of a worker's memory, which the app could have changed. @throws CrashmonError BAD_RECORD */
export function parseProcessMemory(text: string): ProcessMemoryRecord {
  const json = readJsonObject(text);
  return {
    atMs: integer(json, 'atMs', 0),
    uses: objects(json, 'uses', MAX_USES).map((use) => ({
      of: literal(use, 'of', MEMORY_LIMITS),
      usedBytes: integer(use, 'usedBytes', 0),
      limitBytes: integer(use, 'limitBytes', 1),
    })),
    residentBytes: integer(json, 'residentBytes', 0),
    growth: nullable(json, 'growth', (growth) => ({
      bytes: integer(growth, 'bytes', Number.MIN_SAFE_INTEGER),
      overMs: integer(growth, 'overMs', 1),
    })),
    mappings: listOrNull(json, 'mappings', (mapping) => ({
      kind: literal(mapping, 'kind', MAPPING_KINDS),
      ...sizes(mapping, ['bytes']),
    })),
    descriptors: listOrNull(json, 'descriptors', (descriptor) => ({
      kind: literal(descriptor, 'kind', DESCRIPTOR_KINDS),
      ...sizes(descriptor, ['count']),
    })),
    threads: own(json, 'threads') === null ? null : integer(json, 'threads', 0),
    largest: objects(json, 'largest', MAX_NAMES).map((mapping) => ({
      name: string(mapping, 'name', MAX_PATH),
      ...sizes(mapping, ['bytes']),
    })),
  };
}

/** Reads what the probe wrote of V8's heap. @throws CrashmonError BAD_RECORD */
export function parseHeapMemory(text: string): HeapMemoryRecord {
  const json = readJsonObject(text);
  const spaces = new Map<(typeof HEAP_SPACES)[number], { usedBytes: number; sizeBytes: number }>();
  for (const space of objects(json, 'spaces', MAX_NAMES)) {
    const name = known(HEAP_SPACES, own(space, 'name'));
    const { usedBytes, sizeBytes } = sizes(space, ['usedBytes', 'sizeBytes']);
    const sum = spaces.get(name) ?? { usedBytes: 0, sizeBytes: 0 };
    spaces.set(name, { usedBytes: sum.usedBytes + usedBytes, sizeBytes: sum.sizeBytes + sizeBytes });
  }
  const resources = new Map<(typeof ACTIVE_RESOURCES)[number], number>();
  for (const resource of objects(json, 'resources', MAX_NAMES)) {
    const type = known(ACTIVE_RESOURCES, own(resource, 'type'));
    resources.set(type, (resources.get(type) ?? 0) + integer(resource, 'count', 0));
  }
  return {
    ...sizes(json, ['atMs', 'usedBytes', 'externalBytes', 'arrayBufferBytes']),
    limitBytes: integerOrNull(json, 'limitBytes', 1),
    spaces: [...spaces]
      .map(([name, bytes]) => ({ name, ...bytes }))
      .filter(({ usedBytes, sizeBytes }) => usedBytes + sizeBytes > 0)
      .sort((one, other) => other.usedBytes - one.usedBytes),
    resources: [...resources]
      .map(([type, count]) => ({ type, count }))
      .sort((one, other) => other.count - one.count),
  };
}

function known<const T extends string>(names: readonly (T | 'other')[], value: unknown): T | 'other' {
  return names.find((name) => name === value) ?? 'other';
}

function sizes<const T extends string>(json: Json, keys: readonly T[]): Record<T, number> {
  return Object.fromEntries(keys.map((key) => [key, integer(json, key, 0)])) as Record<T, number>;
}

function objects(json: Json, key: string, most: number): Json[] {
  return array(json, key, most).map((value) => asObject(value, key));
}

function nullable<T>(json: Json, key: string, read: (value: Json) => T): T | null {
  const value = own(json, key);
  return value === null ? null : read(asObject(value, key));
}

function listOrNull<T>(json: Json, key: string, read: (value: Json) => T): T[] | null {
  return own(json, key) === null ? null : objects(json, key, MAX_NAMES).map(read);
}
