import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readProcessStat } from '../../worker/process-info.ts';

/** Contract with src/probe/heap-snapshot.cjs: files in the run's place in memory. */
const WANTED = 'wanted';
const TAKEN = 'taken';

export type SnapshotState =
  /** The heap is still smaller. */
  | 'waiting'
  /** The worker stands still. */
  | 'writing'
  | 'failed'
  /** How long it stood still, and what was written. */
  | { tookMs: number; sizeBytes: number };

/** A heap snapshot that the probe of a worker is asked for, into an empty file that loses its name before anything is written. */
export class SnapshotRequest {
  readonly fd: number;
  readonly #place: string;
  readonly #path: string;

  /**
   * @param place in memory, where the probe looks
   * @param directory of the file
   * @param atBytes size of the heap from which on it is taken
   * @throws the error of the file system
   */
  constructor(place: string, directory: string, atBytes: number) {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
    this.#place = place;
    this.#path = join(directory, 'heapsnapshot');
    // Of a crashmon that was killed.
    rmSync(this.#path, { force: true });
    this.fd = openSync(this.#path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600);
    try {
      const startTicks = readProcessStat(process.pid)?.startTicks;
      const text = [atBytes, process.pid, startTicks, this.#path].join('\n');
      writeFileSync(join(place, `${WANTED}.tmp`), text, { mode: 0o600 });
      renameSync(join(place, `${WANTED}.tmp`), join(place, WANTED));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  state(): SnapshotState {
    const answer = readText(join(this.#place, TAKEN));
    if (answer === null) return existsSync(join(this.#place, WANTED)) ? 'waiting' : 'writing';
    const tookMs = Number(answer);
    const sizeBytes = fstatSync(this.fd).size;
    return Number.isInteger(tookMs) && sizeBytes > 0 ? { tookMs, sizeBytes } : 'failed';
  }

  /** @returns false if the probe was first */
  takeBack(): boolean {
    try {
      unlinkSync(join(this.#place, WANTED));
    } catch {
      return false;
    }
    this.close();
    return true;
  }

  /** What was written is gone, unless another process has it open. */
  close(): void {
    rmSync(this.#path, { force: true });
    closeSync(this.fd);
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
