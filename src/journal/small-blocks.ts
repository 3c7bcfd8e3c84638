import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import path from 'node:path';

const PAGE_BYTES = 4_096;
/** What SQLite maps of the log's index at first, and with it what an opened journal writes. */
const INDEX_BYTES = 32 * 1024;
const NEEDED_BYTES = 128 * 1024;

/**
 * SQLite maps the index of its log (`-shm`), and makes sure of room for it by a byte in each page. Where blocks are smaller than a page
 * (ext4 below 512 MB has 1 KB), the rest of the page has no block, and on a full disk the first write to it is SIGBUS, which ends
 * the process.
 * @throws ENOSPC where that could happen
 */
export function makeSureOfRoom(database: string): void {
  const { bsize, bavail } = statfsSync(path.dirname(database));
  if (bsize >= PAGE_BYTES || bsize * bavail >= NEEDED_BYTES) return;
  throw Object.assign(new Error('too little room for the index of the log'), { code: 'ENOSPC' });
}

/**
 * Gives each page of the index its blocks, so that it cannot happen later. By another program: closing the file here
 * would drop SQLite's locks on it (fcntl(2)).
 */
export function allocateIndex(database: string): void {
  if (statfsSync(path.dirname(database)).bsize >= PAGE_BYTES) return;
  // Without such a program, as before.
  spawnSync('fallocate', ['--keep-size', '--length', `${INDEX_BYTES}`, `${database}-shm`], {
    stdio: 'ignore',
  });
}
