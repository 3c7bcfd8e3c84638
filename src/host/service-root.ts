import { closeSync, constants, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import type { ProgramRoot, ProgramRoots } from '../agent/analysis-job.ts';
import { O_PATH } from '../formats/open-path-flag.ts';
import { rootMountOptions } from '../formats/procfs/root-mount.ts';
import { type Locate, onHost, withinRoot } from '../symbols/locate.ts';
import { delay } from '../worker/delay.ts';
import { isAlive } from '../worker/process-info.ts';
import type { ServiceStart } from './source.ts';

/** How long the root of a process that has ended is kept: for its first report to begin, and after the last one. */
const KEEP_MS = 30_000;
/** While reports are being made. On a busy machine each takes minutes. */
const LONGEST_MS = 30 * 60_000;
/** A supervisor starts the next process by then; its root has the same files. */
const NEXT_MS = 3_000;
const STEP_MS = 100;
const INDEX_DEFAULT = '/sys/module/overlay/parameters/index';

/**
 * The root directory of a service that has one of its own: a container, `RootDirectory=`. Of a process that its supervisor
 * starts again with the same directory it is only opened to read a report, while the next one runs.
 */
export class ServiceRoot implements ProgramRoots {
  #living: ServiceStart | null = null;
  #isOther = false;
  #kept: number | null = null;
  /** Queues of reports that need it. */
  #expecting = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #keepMs: number;

  constructor(keepMs = KEEP_MS) {
    this.#keepMs = keepMs;
  }

  get isOther(): boolean {
    return this.#isOther;
  }

  started(start: ServiceStart): void {
    this.#release();
    this.#living = start;
    this.look();
  }

  /** What the service runs may be known only now. */
  look(): void {
    const start = this.#living;
    if (start === null) return;
    const root = rootOf(start.pid);
    if (root === null) return;
    this.#isOther = !isOurs(root);
    if (this.#isOther && start.keepsRoot !== true) this.#kept ??= open(start);
  }

  ended(): void {
    this.#living = null;
    this.#releaseLater();
  }

  expect(): Disposable {
    this.#expecting += 1;
    this.#releaseLater();
    return {
      [Symbol.dispose]: () => {
        this.#expecting -= 1;
        this.#releaseLater();
      },
    };
  }

  /** Reads files of the process that lives, which is not kept in use; null if that is not possible. */
  read<Result>(work: (locate: Locate) => Result): Result | null {
    if (!this.#isOther) return work(onHost);
    const fd = this.#living === null ? null : open(this.#living);
    if (fd === null) return null;
    try {
      return withinRoot(fd, work);
    } finally {
      closeSync(fd);
    }
  }

  /** Waits for the next process, if its files are needed. */
  async use(): Promise<Disposable & { root: ProgramRoot }> {
    for (let waitedMs = 0; waitedMs < NEXT_MS; waitedMs += STEP_MS) {
      const used = this.useNow();
      if (used.root !== 'unknown') return used;
      await delay(STEP_MS);
    }
    return this.useNow();
  }

  useNow(): Disposable & { root: ProgramRoot } {
    if (!this.#isOther) return { root: 'host', [Symbol.dispose]() {} };
    const fd = this.#reopened();
    if (fd === null) return { root: 'unknown', [Symbol.dispose]() {} };
    return { root: fd, [Symbol.dispose]: () => closeSync(fd) };
  }

  end(): void {
    this.#release();
  }

  #reopened(): number | null {
    // Its own: the kept one can be closed meanwhile.
    if (this.#kept !== null) return openSync(`/proc/self/fd/${this.#kept}`, O_PATH | constants.O_DIRECTORY);
    return this.#living === null ? null : open(this.#living);
  }

  #releaseLater(): void {
    if (this.#living !== null || this.#kept === null) return;
    clearTimeout(this.#timer);
    const ms = this.#expecting > 0 ? LONGEST_MS : this.#keepMs;
    this.#timer = setTimeout(() => this.#release(), ms).unref();
  }

  #release(): void {
    clearTimeout(this.#timer);
    if (this.#kept !== null) closeSync(this.#kept);
    this.#kept = null;
  }
}

function rootOf(pid: number): Stats | null {
  try {
    return statSync(`/proc/${pid}/root`);
  } catch {
    return null;
  }
}

function isOurs({ dev, ino }: Stats): boolean {
  const ours = statSync('/');
  return dev === ours.dev && ino === ours.ino;
}

/** null if it has ended, or must not be kept busy: then its supervisor could not start it again. */
function open({ pid, startTicks }: ServiceStart): number | null {
  try {
    if (startTicks === null || isExclusive(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))) return null;
    const fd = openSync(`/proc/${pid}/root`, O_PATH | constants.O_DIRECTORY);
    if (isAlive(pid, startTicks)) return fd;
    closeSync(fd);
  } catch {
    // It has ended, or belongs to another user.
  }
  return null;
}

/** An overlay with an index cannot be mounted again as long as anything of it is open (overlayfs, `index=`). */
function isExclusive(mountinfo: string): boolean {
  const mount = rootMountOptions(mountinfo);
  if (mount?.type !== 'overlay' || mount.options.includes('index=off')) return false;
  // Only what differs from the default is listed.
  return mount.options.includes('index=on') || readFileSync(INDEX_DEFAULT, 'utf8').startsWith('Y');
}
