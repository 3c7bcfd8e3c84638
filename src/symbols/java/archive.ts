import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import {
  dataOffset,
  findDirectory,
  LOCAL_HEADER_BYTES,
  MAX_END_BYTES,
  readDirectory,
  type ZipEntry,
} from '../../formats/zip/read-directory.ts';

const MAX_DIRECTORY_BYTES = 32 * 1024 * 1024;
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Bytes of an archive: a whole file, or an archive that is stored in another one. */
type Range = { fd: number; start: number; sizeBytes: number };

/** A ZIP archive whose files are read one by one. What is damaged or too big is as if it were not there. */
export class Archive {
  readonly #range: Range;
  readonly entries: ReadonlyMap<string, ZipEntry>;

  private constructor(range: Range, entries: ReadonlyMap<string, ZipEntry>) {
    this.#range = range;
    this.entries = entries;
  }

  /** @returns null if it is no archive, or not a regular file that `accept` takes */
  static open(path: string, accept: (stat: Stats) => boolean): Archive | null {
    let fd: number | null = null;
    try {
      if (!statSync(path).isFile()) return null;
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      const stat = fstatSync(fd);
      const isUsable = stat.isFile() && accept(stat);
      const archive = isUsable ? Archive.#in({ fd, start: 0, sizeBytes: stat.size }) : null;
      if (archive !== null) fd = null;
      return archive;
    } catch {
      return null;
    } finally {
      if (fd !== null) closeSync(fd);
    }
  }

  static #in(range: Range): Archive | null {
    const end = readRange(range, Math.max(0, range.sizeBytes - MAX_END_BYTES), MAX_END_BYTES);
    const place = findDirectory(end, range.sizeBytes);
    if (place === null || place.sizeBytes > MAX_DIRECTORY_BYTES) return null;
    const entries = new Map<string, ZipEntry>();
    const directory = readRange(range, place.offset, place.sizeBytes);
    for (const entry of readDirectory(directory, place.shift)) entries.set(entry.name, entry);
    return new Archive(range, entries);
  }

  /** An archive in this one, as Spring Boot packs them: stored, so that it is read in place. It closes with this one. */
  inner(name: string): Archive | null {
    const entry = this.entries.get(name);
    const start = entry?.method === 0 ? this.#dataOf(entry) : null;
    if (entry === undefined || start === null) return null;
    return Archive.#in({ fd: this.#range.fd, start: this.#range.start + start, sizeBytes: entry.sizeBytes });
  }

  read(name: string): Buffer | null {
    const entry = this.entries.get(name);
    if (entry === undefined || Math.max(entry.sizeBytes, entry.compressedBytes) > MAX_FILE_BYTES) return null;
    const start = this.#dataOf(entry);
    if (start === null) return null;
    const bytes = readRange(this.#range, start, entry.compressedBytes);
    if (entry.method === 0) return bytes;
    try {
      return entry.method === 8 ? inflateRawSync(bytes, { maxOutputLength: MAX_FILE_BYTES }) : null;
    } catch {
      return null;
    }
  }

  close(): void {
    closeSync(this.#range.fd);
  }

  #dataOf({ offset }: ZipEntry): number | null {
    return dataOffset(readRange(this.#range, offset, LOCAL_HEADER_BYTES), offset);
  }
}

function readRange({ fd, start, sizeBytes }: Range, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - from)));
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, start + from + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
