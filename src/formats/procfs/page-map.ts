/** Bytes of one page's entry. */
export const PAGE_ENTRY_BYTES = 8;

/** Bits of an entry's last byte. */
const PRESENT = 0x80;
const SWAPPED = 0x40;
const OF_A_FILE = 0x20;

/** Pages from the first to before the last, counted from the first entry. */
export type PageRun = { first: number; end: number };

/**
 * Parses entries of `/proc/<pid>/pagemap` (proc_pid_pagemap(5)): which pages hold something.
 * @param options.ofFiles also those that are a file's, or memory that is shared
 */
export function parsePageMap(entries: Uint8Array, { ofFiles }: { ofFiles: boolean }): PageRun[] {
  const runs: PageRun[] = [];
  const count = Math.floor(entries.length / PAGE_ENTRY_BYTES);
  let first = -1;
  for (let page = 0; page <= count; page++) {
    const bits = page === count ? 0 : (entries[page * PAGE_ENTRY_BYTES + PAGE_ENTRY_BYTES - 1] ?? 0);
    const isStored = (bits & (PRESENT | SWAPPED)) !== 0 && (ofFiles || (bits & OF_A_FILE) === 0);
    if (isStored && first < 0) first = page;
    if (!isStored && first >= 0) {
      runs.push({ first, end: page });
      first = -1;
    }
  }
  return runs;
}
