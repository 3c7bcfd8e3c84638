import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMemoryMap } from '../formats/procfs/memory-map.ts';
import type { WholeMemoryObstacle } from '../model/whole-memory.ts';
import { roomForMemory } from './room-for-memory.ts';

/** Where `scripts/build-exit-watch.sh` puts it for this machine. */
const NAME = 'memory-keeper';
const PROGRAM = join(import.meta.dirname, 'built', `${NAME}-${process.arch}`);
const NOT_PERMITTED = 3;
const MEMORY_SHORT = 4;

/** As long as an analysis can take. */
export const LONGEST_SECONDS = 10 * 60;
/** Nothing asked for it: the process survived, or its end is not analyzed. */
const UNCLAIMED_MS = 30_000;
/** Of what is left of the hold. It takes 3 to 10 milliseconds, on a busy machine, where the hold can be longer, up to 100. */
const SHARE_OF_HOLD = 0.75;

/** The memory of one process at a time is kept: in a crash loop it would be in use many times. */
export type KeptSlot = { newest: KeptMemory | null };

/** Open files, for a process that inherits them. */
export type KeptFiles = {
  /** `/proc/<pid>/mem` */
  memory: number;
  /** `/proc/<pid>/pagemap` */
  pageMap: number;
  /** The memory is kept until the last process that has this open closes it. */
  hold: number;
};

/**
 * The memory of a process, which stays readable after the process has ended: nothing is copied, and the process is not held for
 * it. It is given back when this process and those that inherited `files` have ended, after ten minutes, and if memory becomes short.
 * The size of the process makes no difference (see memory-keeper.c).
 */
export class KeptMemory {
  /** Text of `/proc/<pid>/maps`. */
  readonly maps: string;
  readonly files: KeptFiles;
  readonly #child: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  private constructor(child: ChildProcess, files: KeptFiles, maps: string) {
    this.#child = child;
    this.files = files;
    this.maps = maps;
    this.#timer = setTimeout(() => this.release(), UNCLAIMED_MS).unref();
  }

  /**
   * Call it while the process is held.
   * @param untilMs by performance.now()
   */
  static async of(pid: number, untilMs: number, slot: KeptSlot): Promise<KeptMemory | WholeMemoryObstacle> {
    const fds: number[] = [];
    if (slot.newest?.isKept === true) return 'one-at-a-time';
    try {
      const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
      const room = roomForMemory(pid, maps);
      if (typeof room === 'string') return room;
      const [memory = -1, pageMap = -1] = ['mem', 'pagemap'].map((name) => {
        const fd = openSync(`/proc/${pid}/${name}`, 'r');
        fds.push(fd);
        return fd;
      });
      const { reserveBytes, cgroup } = room;
      const limits = [
        LONGEST_SECONDS,
        reserveBytes,
        ...(cgroup === null ? [] : [cgroup.path, cgroup.limitBytes]),
      ];
      const child = spawn(PROGRAM, [addressIn(maps), ...limits.map(String)], {
        ...{ argv0: NAME, cwd: '/', env: {}, detached: true },
        stdio: ['pipe', 'pipe', 'ignore', memory],
      });
      const why = await started(child, (untilMs - performance.now()) * SHARE_OF_HOLD);
      const hold = descriptorOf(child);
      if (why === null && hold !== null) {
        slot.newest = new KeptMemory(child, { memory, pageMap, hold }, maps);
        return slot.newest;
      }
      end(child);
      fds.forEach(closeSync);
      return why ?? 'not-permitted';
    } catch {
      fds.forEach(closeSync);
      return 'not-permitted';
    }
  }

  /** From now on it stays until it is released. @returns false if it was given back */
  claim(): boolean {
    clearTimeout(this.#timer);
    return this.isKept;
  }

  get isKept(): boolean {
    return !this.#isOver && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @param options.leave other processes have its files: it stays until they end */
  release({ leave = false } = {}): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#isOver = true;
    if (leave) this.#child.stdin?.destroy();
    else end(this.#child);
    closeSync(this.files.memory);
    closeSync(this.files.pageMap);
  }
}

/** Can memory be kept by this process? */
export function canKeepMemory(): boolean {
  return spawnSync(PROGRAM, ['check'], { stdio: 'ignore', cwd: '/', env: {} }).status === 0;
}

/** null once the memory is kept. */
function started(child: ChildProcess, limitMs: number): Promise<WholeMemoryObstacle | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), Math.max(0, limitMs));
    const settle = (why: WholeMemoryObstacle | null) => {
      clearTimeout(timer);
      resolve(why);
    };
    child.stdin?.on('error', () => {});
    child.stdout?.once('data', () => settle(null));
    child.once('error', () => settle('not-permitted'));
    child.once('exit', (code) => settle(whyOf(code)));
    child.unref();
    for (const stream of [child.stdin, child.stdout])
      (stream as unknown as { unref?: () => void } | null)?.unref?.();
  });
}

function whyOf(code: number | null): WholeMemoryObstacle {
  if (code === MEMORY_SHORT) return 'memory-short';
  return code === NOT_PERMITTED ? 'not-permitted' : 'late';
}

function end(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdin?.destroy();
  child.stdout?.destroy();
}

/** A byte that is there in every process: the end of the first thread's stack has the name of the program. */
function addressIn(maps: string): string {
  const mappings = parseMemoryMap(maps);
  const mapping =
    mappings.find(({ name }) => name === '[stack]') ?? mappings.find(({ readable }) => readable);
  return ((mapping?.end ?? 1n) - 1n).toString(16);
}

function descriptorOf({ stdin }: ChildProcess): number | null {
  const fd = (stdin as unknown as { _handle?: { fd?: unknown } } | null)?._handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}
