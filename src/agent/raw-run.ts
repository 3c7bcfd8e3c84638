import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNativeRecord } from '../formats/native-record/format-native-record.ts';
import { parseNativeRecord } from '../formats/native-record/parse-native-record.ts';
import { parseCandidate } from '../formats/probe-record/parse-candidate.ts';
import { parseClaim } from '../formats/probe-record/parse-claim.ts';
import type { NativeRecord } from '../model/native-record.ts';
import type { CandidateRecord, ClaimRecord } from '../model/probe-record.ts';

/** The end of a run's standard error; `offset` is the position of its first byte in the whole file. */
export type StderrTail = { bytes: Buffer; offset: number };

/** Contents of a run's raw directory: private, and not to be trusted. */
export type RawRun = {
  claim: ClaimRecord | null;
  candidates: CandidateRecord[];
  native: NativeRecord | null;
  /** Records that could not be read. */
  damaged: number;
  /** End of standard error with its offset in the file it came from; null if it was not kept. */
  stderr: StderrTail | null;
};

const MAX_RECORD_BYTES = 16 * 1024 * 1024;
const NATIVE_NAME = 'native.json';
const STDERR_NAME = /^stderr-(\d{1,15})$/;

/** Reads the raw directory; what is missing or damaged is left out and counted. */
export function readRawRun(directory: string): RawRun {
  const raw: RawRun = { claim: null, candidates: [], native: null, damaged: 0, stderr: null };
  for (const name of names(directory)) {
    const path = join(directory, name);
    const stderrOffset = STDERR_NAME.exec(name)?.[1];
    try {
      if (name === 'claim.json') raw.claim = parseClaim(readText(path));
      else if (name === NATIVE_NAME) raw.native = parseNativeRecord(readText(path));
      else if (stderrOffset !== undefined)
        raw.stderr = { bytes: readBytes(path), offset: Number(stderrOffset) };
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

/** Keeps what is known of a fatal signal beside its dump. */
export function keepNative(directory: string, record: NativeRecord): void {
  writeFileSync(join(directory, NATIVE_NAME), formatNativeRecord(record), { mode: 0o600 });
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
