import { constants, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** What was found inside of bytes, and how it was packed. */
export type Unpacked = { how: string; bytes: Buffer };

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Of a cut stream, what there is. */
const LENIENT = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_OUTPUT_BYTES };
const LOCAL_FILE = Buffer.from('PK\x03\x04', 'latin1');
const ZLIB_STARTS = ['\x78\x01', '\x78\x5e', '\x78\x9c', '\x78\xda'];
/** Shorter ones hold nothing that could be recognized. */
const BASE64_RUN = /[A-Za-z0-9+/_-]{24,}/g;
const HEX_RUN = /(?:[0-9a-fA-F]{2}){16,}/g;

/** Every stream that starts anywhere in the bytes: gzip, zlib, zstd, deflate in a ZIP file, runs of base64 and of hex. */
export function* unpacked(bytes: Buffer): Generator<Unpacked> {
  yield* streams(bytes, Buffer.from([0x1f, 0x8b, 0x08]), 'gzip', unpackGzip);
  for (const start of ZLIB_STARTS)
    yield* streams(bytes, Buffer.from(start, 'latin1'), 'zlib', (packed) => inflateSync(packed, LENIENT));
  yield* streams(bytes, Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'zstd', unpackZstd);
  yield* streams(bytes, LOCAL_FILE, 'zip', unpackZipEntry);
  const text = bytes.toString('latin1');
  for (const [run] of text.matchAll(BASE64_RUN)) {
    const plain = Buffer.from(run, 'base64url');
    if (plain.length > 0) yield { how: 'base64', bytes: plain };
  }
  for (const [run] of text.matchAll(HEX_RUN)) yield { how: 'hex', bytes: Buffer.from(run, 'hex') };
}

function* streams(
  bytes: Buffer,
  start: Buffer,
  how: string,
  unpack: (packed: Buffer) => Buffer,
): Generator<Unpacked> {
  for (let at = bytes.indexOf(start); at !== -1; at = bytes.indexOf(start, at + 1)) {
    const plain = attempt(() => unpack(bytes.subarray(at)));
    if (plain !== null && plain.length > 0) yield { how, bytes: plain };
  }
}

function attempt(unpack: () => Buffer): Buffer | null {
  try {
    return unpack();
  } catch {
    // The bytes only looked like the start of a stream.
    return null;
  }
}

/** Without the checksum, and whatever follows: RFC 1952, 2.3. */
function unpackGzip(packed: Buffer): Buffer {
  const flags = packed.readUInt8(3);
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + packed.readUInt16LE(at);
  for (const hasText of [(flags & 8) !== 0, (flags & 16) !== 0]) {
    if (hasText) at = packed.indexOf(0, at) + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return inflateRawSync(packed.subarray(at), LENIENT);
}

/** What follows a frame would be an error: RFC 8878, 3.1.1. */
function unpackZstd(packed: Buffer): Buffer {
  const descriptor = packed.readUInt8(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast; ) {
    const header = packed.readUIntLE(at, 3);
    isLast = (header & 1) !== 0;
    const isRun = ((header >> 1) & 3) === 1;
    at += 3 + (isRun ? 1 : header >> 3);
  }
  const end = at + ((descriptor & 4) === 0 ? 0 : 4);
  return zstdDecompressSync(packed.subarray(0, end), { maxOutputLength: MAX_OUTPUT_BYTES });
}

function unpackZipEntry(packed: Buffer): Buffer {
  const at = 30 + packed.readUInt16LE(26) + packed.readUInt16LE(28);
  return packed.readUInt16LE(8) === 8
    ? inflateRawSync(packed.subarray(at), LENIENT)
    : packed.subarray(at, at + packed.readUInt32LE(18));
}
