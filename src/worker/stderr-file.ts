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

/** Free space below which a file system is no place for the worker's standard error: a full one fails its writes. */
const NEEDED_FREE_BYTES = 16 * 1024 * 1024;

/** A smaller file system in memory (64 MB in containers) can fill between two polls of a fast writer. */
const ROOMY_BYTES = 256 * 1024 * 1024;

/** The same for a disk, which others fill as well. */
const FREE_ON_DISK_BYTES = 1024 * 1024 * 1024;

/**
 * The append-only file that is the worker's standard error. A file never blocks its writer and never breaks like a
 * pipe, whatever becomes of the reader. It lives in memory (`/dev/shm`) where possible, because a full disk must not
 * become an error of the worker's own writes; the keeper bounds it (see `stderr-keeper.ts`).
 */
export type StderrFile = {
  readonly path: string;
  /** Open for appending; handed to the worker. */
  readonly fd: number;
  /** Why it is not in memory, null where it is. */
  readonly notInMemory: string | null;
  /** Size of the whole file system. */
  readonly roomBytes: number;
  size(): number;
  /** What it takes of its file system: less than its size where the keeper has punched out the beginning. */
  usedBytes(): number;
  /** Calls back once, at the next write, or never where the kernel has no watch to give. */
  onNextWrite(changed: () => void): () => void;
  /** At most `maxBytes` from `from` on. */
  read(from: number, maxBytes: number): Buffer;
  /** Forgets the contents; whoever has the file open goes on writing at its new end. */
  empty(): void;
  /**
   * The same, but for the last `bytes`, of which none are older than the offset `notBefore`.
   * @returns how many were kept
   */
  keepEnd(bytes: number, notBefore: number): number;
  /** Remembers where things stand, for a successor of this crashmon. */
  writeMark(mark: StderrMark): void;
  readMark(): StderrMark;
  /** Is it the output of another process? */
  isOutputElsewhere(): boolean;
  /** Takes the file's name away; whoever has it open can go on writing. */
  remove(): void;
  close(): void;
};

/** What is remembered beside the file: how far it was passed on, and where the current run begins. */
export type StderrMark = { passedOn: number; runStart: number };

/**
 * Opens (or finds again after a crashmon that was killed) the file that belongs to one app and instance.
 * @param directory the app's state directory; names the file, and holds it where there is no `/dev/shm`
 * @throws where neither place will do; the worker then keeps the inherited standard error
 */
export function openStderrFile(directory: string, uid: number): StderrFile {
  refuseSizeLimit();
  const name = fingerprint(directory);
  const memory = memoryDirectory(uid);
  const faults: string[] = [];
  for (const place of [memory, join(directory, 'stderr')]) {
    try {
      const path = join(place, `${name}.log`);
      // A worker that outlived its crashmon may have it open: it stays where it is.
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
 * cut. null where it can.
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
        // Others filled the file system at this very moment.
        return 0;
      }
    },
    writeMark({ passedOn, runStart }) {
      try {
        writeFileSync(`${path}.mark`, `${passedOn} ${runStart}`, { mode: 0o600 });
      } catch {
        // Then a successor passes on some lines twice.
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

/** `ulimit -f` does not bear on a pipe or a terminal, but it would on the file: the worker would die of SIGXFSZ. */
function refuseSizeLimit(): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  if (/^Max file size +unlimited/m.test(limits)) return;
  throw new Error('the size of files is limited (ulimit -f)');
}

/** The watch is gone before the callback: a watched file costs its writer a third more on every write. */
function watchOnce(path: string, changed: () => void): () => void {
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
    return () => {};
  }
}

function roomBytes(path: string): number {
  const { blocks, bsize } = statfsSync(path);
  return blocks * bsize;
}
