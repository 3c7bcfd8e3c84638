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
import { formatNativeRecord } from '../formats/native-record/format-native-record.ts';
import { parseNativeRecord } from '../formats/native-record/parse-native-record.ts';
import { parseCandidate } from '../formats/probe-record/parse-candidate.ts';
import { parseClaim } from '../formats/probe-record/parse-claim.ts';
import type { NativeRecord } from '../model/native-record.ts';
import type { CandidateRecord, ClaimRecord } from '../model/probe-record.ts';
import { DEATH_NAME, type DeathEvidence, parseDeath } from './last-words/death-evidence.ts';

/** The end of a run's standard error; `offset` is the position of its first byte in the whole file. */
export type StderrTail = {
  bytes: Buffer;
  offset: number;
};

/** The same of a run that has just ended. */
export type LiveTail = StderrTail & {
  /** Wall-clock time of the last byte. */
  writtenAtMs: number;
  /** Up to a megabyte of it, while the file still has that; null if there is no more. */
  more: () => StderrTail | null;
};

/** Contents of a run's raw directory: private, and not to be trusted. */
export type RawRun = {
  claim: ClaimRecord | null;
  candidates: CandidateRecord[];
  native: NativeRecord | null;
  /** null if last words cannot be judged. */
  death: DeathEvidence | null;
  /** Records that could not be read. */
  damaged: number;
  /** End of standard error with its offset in the file it came from; null if it was not kept. */
  stderr: StderrTail | null;
};

const MAX_RECORD_BYTES = 16 * 1024 * 1024;
const NATIVE_NAME = 'native.json';
const RECORD_NAME = 'record-0.json';
const STDERR_NAME = /^stderr-(\d{1,15})$/;

/** Reads the raw directory; what is missing or damaged is left out and counted. */
export function readRawRun(directory: string): RawRun {
  const raw: RawRun = { claim: null, candidates: [], native: null, death: null, damaged: 0, stderr: null };
  for (const name of names(directory)) {
    const path = join(directory, name);
    const stderrOffset = STDERR_NAME.exec(name)?.[1];
    try {
      if (name === 'claim.json') raw.claim = parseClaim(readText(path));
      else if (name === DEATH_NAME) raw.death = parseDeath(readText(path));
      else if (name === NATIVE_NAME) raw.native = parseNativeRecord(readText(path));
      else if (stderrOffset !== undefined)
        raw.stderr = longer(raw.stderr, { bytes: readBytes(path), offset: Number(stderrOffset) });
      else if (/^record-\d\.json$/.test(name)) raw.candidates.push(parseCandidate(readText(path)));
    } catch {
      raw.damaged += 1;
    }
  }
  raw.candidates.sort((a, b) => a.atMs - b.atMs);
  return raw;
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

/** Keeps what was read of a process at its exit, as a probe would have. */
export function keepRecord(directory: string, record: CandidateRecord): void {
  const temporary = join(directory, 'record.tmp');
  writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
  renameSync(temporary, join(directory, RECORD_NAME));
}

export function hasRecord(directory: string): boolean {
  return existsSync(join(directory, RECORD_NAME));
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
  return readBytes(path).toString('utf8');
}

/** The app runs as the same user and can put anything here: links are not followed, FIFOs not waited for. */
function readBytes(path: string): Buffer {
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
