import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseHeapMemory, parseProcessMemory } from '../formats/memory-record.ts';
import { formatNativeRecord } from '../formats/native-record/format-native-record.ts';
import { parseNativeRecord } from '../formats/native-record/parse-native-record.ts';
import { parseCandidate } from '../formats/probe-record/parse-candidate.ts';
import { parseClaim } from '../formats/probe-record/parse-claim.ts';
import { oldSpaceLimit } from '../formats/v8/old-space-limit.ts';
import type { HeapMemoryRecord, ProcessMemoryRecord } from '../model/memory.ts';
import type { NativeRecord } from '../model/native-record.ts';
import type { CandidateRecord, ClaimRecord } from '../model/probe-record.ts';
import { DEATH_NAME, type DeathEvidence, parseDeath } from './last-words/death-evidence.ts';

/** The end of a run's standard error; `offset` is the position of its first byte in the whole file. */
export type StderrTail = {
  bytes: Buffer;
  offset: number;
  /** What was written shortly before the exit: so many of the last bytes; absent if that is unknown. */
  recentBytes?: number;
};

/** The same of a run that has just ended. */
export type LiveTail = StderrTail & {
  /** Wall-clock time of the last byte. */
  writtenAtMs: number;
  /** How many of the last bytes were written since a time of day; absent if that is unknown. */
  writtenSince?: (atMs: number) => number;
  /** Up to a megabyte of it, while the file still has that; null if there is no more. */
  more: () => StderrTail | null;
};

/** Contents of a run's raw directory: private, and not to be trusted. */
export type RawRun = {
  claim: ClaimRecord | null;
  candidates: CandidateRecord[];
  native: NativeRecord | null;
  /** The program of which there is a dump without a fatal signal; null if there is none. */
  heldProgram: string | null;
  /** null if last words cannot be judged. */
  death: DeathEvidence | null;
  /** What the worker used memory for when it was near a limit; null if it never was. */
  memory: ProcessMemoryRecord | null;
  /** Of V8, which has the worker's; null if it stayed small. */
  heap: HeapMemoryRecord | null;
  /** Records that could not be read. */
  damaged: number;
  /** End of standard error with its offset in the file it came from; null if it was not kept. */
  stderr: StderrTail | null;
};

const MAX_RECORD_BYTES = 16 * 1024 * 1024;
export const PROCESS_MEMORY_NAME = 'memory.json';
export const HEAP_NAME = 'heap.json';
const NATIVE_NAME = 'native.json';
const HELD_NAME = 'held-program';
const FIRST_RECORD = 'record-0.json';
const STDERR_NAME = /^stderr-(\d{1,15})$/;

/** Reads the raw directory; what is missing or damaged is left out and counted. */
export function readRawRun(directory: string): RawRun {
  const raw: RawRun = {
    ...{ claim: null, candidates: [], native: null, heldProgram: null, death: null },
    ...{ memory: null, heap: null, damaged: 0, stderr: null },
  };
  for (const name of names(directory)) {
    const path = join(directory, name);
    const stderrOffset = STDERR_NAME.exec(name)?.[1];
    try {
      if (name === 'claim.json') raw.claim = parseClaim(readText(path));
      else if (name === DEATH_NAME) raw.death = parseDeath(readText(path));
      else if (name === HELD_NAME) raw.heldProgram = readText(path);
      else if (name === PROCESS_MEMORY_NAME) raw.memory = parseProcessMemory(readText(path));
      else if (name === HEAP_NAME) raw.heap = parseHeapMemory(readText(path));
      else if (name === NATIVE_NAME) raw.native = parseNativeRecord(readText(path));
      else if (stderrOffset !== undefined)
        raw.stderr = longer(raw.stderr, { bytes: readPrivate(path), offset: Number(stderrOffset) });
      else if (/^record-\d\.json$/.test(name)) raw.candidates.push(parseCandidate(readText(path)));
    } catch {
      raw.damaged += 1;
    }
  }
  if (raw.heap !== null) raw.heap = withLimit(raw.heap, raw.claim);
  raw.candidates.sort((a, b) => a.atMs - b.atMs);
  return raw;
}

/** What the probe wrote of V8's heap. @param path of its file @param directory raw directory of the run @throws if there is nothing */
export function readHeap(path: string, directory: string): HeapMemoryRecord {
  const claim = parseClaim(readText(join(directory, 'claim.json')));
  return withLimit(parseHeapMemory(readText(path)), claim);
}

function withLimit(heap: HeapMemoryRecord, claim: ClaimRecord | null): HeapMemoryRecord {
  const { limitBytes } = heap;
  return limitBytes === null || claim === null
    ? heap
    : { ...heap, limitBytes: oldSpaceLimit(limitBytes, claim.heapFlags) };
}

/** Keeps the end of standard error until the report is made, also across kill -9. */
export function keepStderr(directory: string, { bytes, offset }: StderrTail): void {
  writeFileSync(join(directory, `stderr-${offset}`), bytes, { mode: 0o600 });
}

/** Adds what comes before what `keepStderr` kept. */
export function keepMoreStderr(directory: string, kept: StderrTail, more: StderrTail): void {
  const temporary = join(directory, 'stderr.tmp');
  writeFileSync(temporary, more.bytes, { mode: 0o600 });
  renameSync(temporary, join(directory, `stderr-${more.offset}`));
  if (more.offset !== kept.offset) rmSync(join(directory, `stderr-${kept.offset}`), { force: true });
}

/** Keeps what is known of a fatal signal beside its dump. */
export function keepNative(directory: string, record: NativeRecord): void {
  writeFileSync(join(directory, NATIVE_NAME), formatNativeRecord(record), { mode: 0o600 });
}

/** The same of a process that was held at its exit. */
export function keepHeldProgram(directory: string, executable: string): void {
  writeFileSync(join(directory, HELD_NAME), executable, { mode: 0o600 });
}

/** Keeps up to ten records of a process that did not write them here, oldest first. The first file is the last. */
export function keepRecords(directory: string, records: readonly CandidateRecord[]): void {
  const temporary = join(directory, 'record.tmp');
  for (const [index, record] of [...records.entries()].reverse()) {
    writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
    renameSync(temporary, join(directory, `record-${index}.json`));
  }
}

/** Were records kept? */
export function hasRecord(directory: string): boolean {
  return existsSync(join(directory, FIRST_RECORD));
}

/** After a kill -9 both what was kept first and what replaced it can be there. */
function longer(known: StderrTail | null, found: StderrTail): StderrTail {
  return known !== null && known.bytes.length > found.bytes.length ? known : found;
}

function names(directory: string): string[] {
  try {
    // By name, so that records of the same millisecond keep their order.
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function readText(path: string): string {
  return readPrivate(path).toString('utf8');
}

/** The app runs as the same user and can put anything here: links are not followed, FIFOs not waited for. */
export function readPrivate(path: string): Buffer {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { size } = fstatSync(fd);
    if (size > MAX_RECORD_BYTES) throw new RangeError('too big for a record');
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(fd, bytes, 0, size, 0));
  } finally {
    closeSync(fd);
  }
}
