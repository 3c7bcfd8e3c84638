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

/** A file system in memory below this size (64 MB in containers) can fill between two polls of a fast writer … */
const ROOMY_BYTES = 256 * 1024 * 1024;
/** … so a disk with this much room is the better place. */
const ROOM_ON_DISK_BYTES = 1024 * 1024 * 1024;

/**
 * The append-only file that is the worker's standard error. A file never blocks its writer and never breaks like a
 * pipe, whatever becomes of the reader. It lives in memory (`/dev/shm`) where possible, because a full disk must not
 * become an error of the worker's own writes; the keeper bounds it (see `stderr-keeper.ts`).
 */
export type StderrFile = {
  readonly path: string;
  /** Open for appending; handed to the worker. */
  readonly fd: number;
  /** Why it is in the second of its places, null where it is in the best. */
  readonly secondBest: string | null;
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
  const errors: Error[] = [];
  for (const place of placesFor(directory, name, uid)) {
    try {
      ownDirectory(place, uid);
      if (freeBytes(place) < NEEDED_FREE_BYTES) {
        throw new Error(`${place} has less than 16 MiB free`);
      }
      return open(join(place, `${name}.log`), uid, errors[0]?.message ?? null);
    } catch (error) {
      errors.push(error as Error);
    }
  }
  throw new AggregateError(errors, 'no place for the standard-error file');
}

/** Best first. A file that is in memory already stays there: a worker may have it open. */
function placesFor(directory: string, name: string, uid: number): string[] {
  const memory = memoryDirectory(uid);
  const disk = join(directory, 'stderr');
  try {
    const inMemory = dirname(memory);
    const isSmall = freeBytes(inMemory) >= NEEDED_FREE_BYTES && roomBytes(inMemory) < ROOMY_BYTES;
    if (isSmall && freeBytes(directory) >= ROOM_ON_DISK_BYTES && !existsSync(join(memory, `${name}.log`))) {
      return [disk, memory];
    }
  } catch {
    // One of them is missing: whoever opens the file finds out.
  }
  return [memory, disk];
}

function open(path: string, uid: number, secondBest: string | null): StderrFile {
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
    secondBest,
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

function freeBytes(place: string): number {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}
