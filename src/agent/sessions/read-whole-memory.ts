import { readSync } from 'node:fs';
import { planWholeCore, type StoredPages } from '../../capture/native/whole-core.ts';
import type { KeptFiles } from '../../debugger/kept-memory.ts';
import { parseMemoryMap } from '../../formats/procfs/memory-map.ts';
import { PAGE_ENTRY_BYTES, type PageRun, parsePageMap } from '../../formats/procfs/page-map.ts';
import { DumpLost, type WholeDump, wholeDumpOf } from '../../model/dump.ts';

const PIECE_BYTES = 256 * 1024;
/** Entries that are read at once, of 512 MB. */
const ENTRIES_BYTES = 1024 * 1024;
/** Room that something reserved, such as the shadow of a sanitizer: finding its pages would take minutes. */
const MAX_MAPPING_BYTES = 2n ** 40n;

type Kept = Pick<KeptFiles, 'memory' | 'pageMap'> & { maps: string };

/**
 * The core file of a process that has ended, with all of its memory, which is read as the file is written.
 * @throws DumpLost if the memory was given back
 */
export function readWholeMemory(trimmed: Uint8Array, { memory, pageMap, maps }: Kept): WholeDump {
  const pagesOf: StoredPages = ({ start, end }, { ofFiles, pageBytes }) => {
    if (end - start > MAX_MAPPING_BYTES) return [];
    const [first = 0, last = 0] = [start, end].map((address) => Number(address / BigInt(pageBytes)));
    return readPageMap(pageMap, first, last - first, { ofFiles });
  };
  const core = planWholeCore(trimmed, parseMemoryMap(maps), pagesOf);
  const { head, ranges, sizeBytes, pageBytes } = core;
  return wholeDumpOf(sizeBytes, function* () {
    yield head;
    for (const { address, sizeBytes: rangeBytes } of ranges) {
      for (let at = 0n; at < rangeBytes; at += BigInt(PIECE_BYTES)) {
        const left = rangeBytes - at;
        const length = left < PIECE_BYTES ? Number(left) : PIECE_BYTES;
        yield readPiece(memory, address + at, length, pageBytes);
      }
    }
  });
}

function readPageMap(fd: number, firstPage: number, pages: number, options: { ofFiles: boolean }): PageRun[] {
  const runs: PageRun[] = [];
  const entries = new Uint8Array(Math.min(ENTRIES_BYTES, pages * PAGE_ENTRY_BYTES));
  for (let page = 0; page < pages; ) {
    const wanted = Math.min(entries.length, (pages - page) * PAGE_ENTRY_BYTES);
    const length = readSync(fd, entries, 0, wanted, (firstPage + page) * PAGE_ENTRY_BYTES);
    if (length < PAGE_ENTRY_BYTES) throw new DumpLost();
    const found = parsePageMap(entries.subarray(0, length), options);
    for (const { first, end } of found) runs.push({ first: page + first, end: page + end });
    page += Math.floor(length / PAGE_ENTRY_BYTES);
  }
  return runs;
}

/** What cannot be read (a page of a file that was truncated) is zero. */
function readPiece(fd: number, address: bigint, length: number, pageBytes: number): Uint8Array {
  const piece = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    try {
      const count = readSync(fd, piece, at, length - at, address + BigInt(at));
      // Of memory that is kept a read fails, and never ends.
      if (count === 0) throw new DumpLost();
      at += count;
    } catch (error) {
      if (error instanceof DumpLost) throw error;
      at += pageBytes - (at % pageBytes);
    }
  }
  return piece;
}
