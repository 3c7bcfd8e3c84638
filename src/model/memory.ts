/** What was about to run out; `heap` is V8's. */
export const MEMORY_LIMITS = ['cgroup', 'machine', 'heap'] as const;

/** What mapped memory is for; `heap` is that of malloc(3), `anonymous` all other memory without a file. */
export const MAPPING_KINDS = [
  'anonymous',
  'heap',
  'stack',
  'shared',
  'program',
  'library',
  'file',
  'other',
] as const;
export type MappingKind = (typeof MAPPING_KINDS)[number];

export const DESCRIPTOR_KINDS = ['socket', 'file', 'pipe', 'event', 'other'] as const;
export type DescriptorKind = (typeof DESCRIPTOR_KINDS)[number];

/** V8's spaces in Node.js 18 to 26; sizes of any other are added up as `other`. */
export const HEAP_SPACES = [
  'old_space',
  'new_space',
  'large_object_space',
  'new_large_object_space',
  'code_space',
  'code_large_object_space',
  'map_space',
  'read_only_space',
  'shared_space',
  'shared_large_object_space',
  'shared_trusted_space',
  'shared_trusted_large_object_space',
  'trusted_space',
  'trusted_large_object_space',
  'other',
] as const;

/** Of `process.getActiveResourcesInfo()`; add-ons can name theirs after anything, so all others are `other`. */
export const ACTIVE_RESOURCES = [
  'TCPSocketWrap',
  'TCPServerWrap',
  'TCPConnectWrap',
  'PipeWrap',
  'PipeServerWrap',
  'PipeConnectWrap',
  'UDPWrap',
  'TLSWrap',
  'TTYWrap',
  'Timeout',
  'Immediate',
  'FSReqCallback',
  'FSReqPromise',
  'FileHandle',
  'FSEventWrap',
  'StatWatcher',
  'GetAddrInfoReqWrap',
  'GetNameInfoReqWrap',
  'WriteWrap',
  'ShutdownWrap',
  'HTTPINCOMINGMESSAGE',
  'HTTPCLIENTREQUEST',
  'HTTP2SESSION',
  'ProcessWrap',
  'SignalWrap',
  'MessagePort',
  'Worker',
  'ZLIB',
  'CloseReq',
  'other',
] as const;

/** Memory in use and its limit, in bytes. */
export type MemoryUse = {
  of: (typeof MEMORY_LIMITS)[number];
  usedBytes: number;
  limitBytes: number;
};

/** Read from outside of the process. Numbers and kinds only. */
export type ProcessMemory = {
  /** From when it was read to the exit. */
  beforeEndMs: number;
  /** The one that was nearest to its limit first. */
  uses: MemoryUse[];
  residentBytes: number;
  /** Of `residentBytes`; null if it was read only once. */
  growth: { bytes: number; overMs: number } | null;
  /**
   * Resident memory by its kind, largest first; null if it could not be read. Of a large process only `anonymous`, `file` and
   * `shared` are distinguished.
   */
  mappings: { kind: MappingKind; bytes: number }[] | null;
  /** null if they could not be read. */
  descriptors: { kind: DescriptorKind; count: number }[] | null;
  threads: number | null;
};

/** V8's heap and what Node.js keeps beside it, as the probe read it. Numbers and Node's own names only. */
export type HeapMemory = {
  beforeEndMs: number;
  usedBytes: number;
  /** null before Node.js 20.16, which also has no `spaces`. */
  limitBytes: number | null;
  externalBytes: number;
  /** Part of `externalBytes`. */
  arrayBufferBytes: number;
  /** Largest first. */
  spaces: { name: (typeof HEAP_SPACES)[number]; usedBytes: number; sizeBytes: number }[];
  /** What keeps the event loop alive, most frequent first. */
  resources: { type: (typeof ACTIVE_RESOURCES)[number]; count: number }[];
};

/** Where the memory was before it ran out. At least one of both is there. */
export type MemoryBeforeEnd = { process: ProcessMemory | null; heap: HeapMemory | null };

/** Resident memory of one mapping, which a path can name. Private. */
export type LargeMapping = { name: string; bytes: number };

/** As the agent keeps it of a running worker. Private. */
export type ProcessMemoryRecord = Omit<ProcessMemory, 'beforeEndMs'> & {
  atMs: number;
  largest: LargeMapping[];
};

/** As the probe keeps it of a running worker. */
export type HeapMemoryRecord = Omit<HeapMemory, 'beforeEndMs'> & { atMs: number };
