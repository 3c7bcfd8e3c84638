import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fingerprint } from '../formats/fingerprint.ts';
import { isOutputElsewhere } from './open-files.ts';
import { memoryDirectory, ownDirectory } from './own-directory.ts';

/** Free space that the file system needs: if it is full, the worker's writes fail. */
const NEEDED_FREE_BYTES = 16 * 1024 * 1024;

/** A smaller file system in memory (64 MB in containers) can fill between two polls of a fast writer. */
const ROOMY_BYTES = 256 * 1024 * 1024;

/** The same for a disk, which others fill as well. */
const FREE_ON_DISK_BYTES = 1024 * 1024 * 1024;

/**
 * The append-only file that is the worker's standard error. A file never blocks its writer and never breaks like a
 * pipe, whatever happens to the reader. It is in memory (`/dev/shm`) where possible, because a full disk must not
 * become an error of the worker's own writes; the keeper bounds it (see `stderr-keeper.ts`).
 */
export type StderrFile = {
  readonly path: string;
  /** Open for appending; the worker inherits it. */
  readonly fd: number;
  /** Why it is not in memory, null if it is. */
  readonly notInMemory: string | null;
  /** Size of the whole file system. */
  readonly roomBytes: number;
  size(): number;
  /** Wall-clock time of the last write; emptying the file counts as one. */
  writtenAtMs(): number;
  /** Allocated size: less than its length where the keeper has punched out the beginning. */
  usedBytes(): number;
  /** Calls back once, at the next write. null where the kernel has no watch left; else a function that ends the watch. */
  onNextWrite(changed: () => void): (() => void) | null;
  /** At most `maxBytes` from `from` on. */
  read(from: number, maxBytes: number): Buffer;
  /** Truncates the file; processes that have it open continue at its new end. */
  empty(): void;
  /**
   * The same, except the last `bytes`, and nothing before the offset `notBefore`.
   * @returns how many were kept
   */
  keepEnd(bytes: number, notBefore: number): number;
  /** Stores the positions, for a successor of this crashmon. */
  writeMark(mark: StderrMark): void;
  readMark(): StderrMark;
  /** Is it the output of another process? */
  isOutputElsewhere(): boolean;
  /** Unlinks the file; processes that have it open can continue to write. */
  remove(): void;
  close(): void;
};

/** Stored beside the file: how far it was forwarded, and where the current run begins. */
export type StderrMark = { passedOn: number; runStart: number };

/**
 * Opens (or finds again after a crashmon that was killed) the file that belongs to one app and instance.
 * @param directory the app's state directory; names the file, and holds it where there is no `/dev/shm`
 * @throws where neither place is suitable; the worker then keeps the inherited standard error
 */
export function openStderrFile(directory: string, uid: number): StderrFile {
  refuseSizeLimit();
  const name = fingerprint(directory);
  const memory = memoryDirectory(uid);
  const faults: string[] = [];
  for (const place of [memory, join(directory, 'stderr')]) {
    try {
      const path = join(place, `${name}.log`);
      // A worker that outlived its crashmon can have it open: it stays where it is.
      const fault = existsSync(path) ? null : placeFault(dirname(place), place === memory);
      if (fault !== null) throw new Error(fault);
      ownDirectory(place, uid);
      return open(path, uid, faults[0] ?? null);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw new Error(faults.join('; '));
}

/**
 * Why the standard-error file cannot be in a directory: a fast writer could fill the file system before the file is
 * cut. null if it can.
 *
 * @throws where there is no such directory
 */
export function placeFault(directory: string, inMemory: boolean): string | null {
  const { bavail, bsize, blocks } = statfsSync(directory);
  const freeBytes = bavail * bsize;
  if (!inMemory) return freeBytes < FREE_ON_DISK_BYTES ? `${directory} has less than 1 GB free` : null;
  if (blocks * bsize < ROOMY_BYTES) return `${directory} is smaller than 256 MB`;
  return freeBytes < NEEDED_FREE_BYTES ? `${directory} has less than 16 MB free` : null;
}

function open(path: string, uid: number, notInMemory: string | null): StderrFile {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.uid !== uid) {
    closeSync(fd);
    throw new Error(`${path} is not ours`);
  }
  return {
    path,
    fd,
    notInMemory,
    roomBytes: roomBytes(path),
    size: () => fstatSync(fd).size,
    writtenAtMs: () => fstatSync(fd).mtimeMs,
    usedBytes: () => fstatSync(fd).blocks * 512,
    onNextWrite: (changed) => watchOnce(path, changed),
    read(from, maxBytes) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(maxBytes, fstatSync(fd).size - from)));
      return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from));
    },
    empty: () => ftruncateSync(fd, 0),
    keepEnd(bytes, notBefore) {
      const { size } = fstatSync(fd);
      const end = this.read(Math.max(notBefore > size ? 0 : notBefore, size - bytes), bytes);
      ftruncateSync(fd, 0);
      try {
        return writeSync(fd, end);
      } catch {
        // Another process filled the file system at this moment.
        return 0;
      }
    },
    writeMark({ passedOn, runStart }) {
      try {
        writeFileSync(`${path}.mark`, `${passedOn} ${runStart}`, { mode: 0o600 });
      } catch {
        // A successor forwards some lines twice.
      }
    },
    readMark() {
      try {
        const [passedOn, runStart] = readFileSync(`${path}.mark`, 'utf8').split(' ').map(Number);
        const size = fstatSync(fd).size;
        return { passedOn: Math.min(passedOn || 0, size), runStart: Math.min(runStart || 0, size) };
      } catch {
        return { passedOn: 0, runStart: 0 };
      }
    },
    isOutputElsewhere: () => isOutputElsewhere(path),
    remove() {
      for (const name of [path, `${path}.mark`]) rmSync(name, { force: true });
    },
    close: () => closeSync(fd),
  };
}

/** `ulimit -f` does not apply to a pipe or a terminal, but would to the file: SIGXFSZ would kill the worker. */
function refuseSizeLimit(): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  if (/^Max file size +unlimited/m.test(limits)) return;
  throw new Error('the size of files is limited (ulimit -f)');
}

/** The watch ends before the callback: writes to a watched file take a third longer. */
function watchOnce(path: string, changed: () => void): (() => void) | null {
  try {
    const watcher = watch(path, { persistent: false });
    const close = () => watcher.close();
    watcher.once('change', () => {
      close();
      changed();
    });
    watcher.once('error', close);
    return close;
  } catch {
    return null;
  }
}

function roomBytes(path: string): number {
  const { blocks, bsize } = statfsSync(path);
  return blocks * bsize;
}
