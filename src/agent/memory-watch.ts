import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureRaw, rawDirectory } from '../journal/raw-capture.ts';
import type { MemoryUse } from '../model/memory.ts';
import { decideLook, type MemoryLook, type MemorySample, usedShare } from '../policy/memory-looks.ts';
import { MemoryLimits } from '../worker/memory-limits.ts';
import { readResident } from '../worker/read-process-memory.ts';
import { isLarge, keepMemoryFacts, memoryFacts, withMappings } from './memory-facts.ts';
import { MemoryGrowth } from './memory-growth.ts';
import { HEAP_NAME, PROCESS_MEMORY_NAME, readHeap } from './raw-run.ts';
import { inMemory, keepHeap, type RunPlace, removeInMemory } from './run-in-memory.ts';

const FIRST_MS = 50;

/** What else is done with what is seen. */
export type MemoryObserver = {
  /** @param uses of the worker's memory, V8's heap among them if it is known */
  sampled(place: RunPlace, uses: readonly MemoryUse[]): void;
  /** Called before what the probe wrote in memory is removed. */
  ended(): void;
  /** After the last worker. */
  settle(): void;
};

/** `directory`: raw directory of the run. */
type Watched = { pid: () => number; place: RunPlace; directory: string };

/**
 * Follows the memory of an armed worker from outside, and keeps in the run's raw directory what it is used for near a limit:
 * an OOM kill leaves nothing else. Nothing stops the worker.
 */
export class MemoryWatch {
  readonly #directory: string | null;
  readonly #uid: number;
  readonly #observer: MemoryObserver | null;
  #watched: Watched | null = null;
  #timer: NodeJS.Timeout | undefined;
  #limits = new MemoryLimits();
  #growth = new MemoryGrowth();
  #before: MemorySample | null = null;
  #look: MemoryLook | null = null;
  #isLooking = false;
  #heap: { mtimeMs: number; use: MemoryUse | null } = { mtimeMs: 0, use: null };

  /** @param directory state directory of the app and instance; null if nothing can be kept @param uid user of crashmon */
  constructor(directory: string | null, uid: number, observer: MemoryObserver | null = null) {
    this.#directory = directory;
    this.#uid = uid;
    this.#observer = observer;
  }

  /** @param pid the process that does the work; it can change */
  begin(runId: string, pid: () => number): void {
    this.end();
    if (this.#directory === null) return;
    const place = { directory: this.#directory, runId, uid: this.#uid };
    this.#watched = { pid, place, directory: rawDirectory(this.#directory, runId) };
    this.#limits = new MemoryLimits();
    this.#growth = new MemoryGrowth();
    this.#before = null;
    this.#look = null;
    this.#heap = { mtimeMs: 0, use: null };
    this.#pollAfter(FIRST_MS);
  }

  /** The worker has ended, or is no longer armed. What its probe wrote is in the raw directory then. */
  end(): void {
    clearTimeout(this.#timer);
    const watched = this.#watched;
    this.#watched = null;
    if (watched === null) return;
    this.#observer?.ended();
    keepHeap(watched.place);
    removeInMemory(watched.place);
  }

  /** After the last worker. */
  settle(): void {
    this.#observer?.settle();
  }

  #pollAfter(waitMs: number): void {
    this.#timer = setTimeout(() => {
      if (this.#watched !== null) this.#poll(this.#watched, waitMs);
    }, waitMs).unref();
  }

  #poll(watched: Watched, waitedMs: number): void {
    const pid = watched.pid();
    const now = this.#sample(pid, watched);
    if (now === null) {
      this.#pollAfter(waitedMs);
      return;
    }
    const { look, forget, waitMs } = decideLook({ before: this.#before, now, waitedMs, look: this.#look });
    this.#before = now;
    this.#growth.remember(now);
    this.#observer?.sampled(watched.place, now.uses);
    if (forget) {
      this.#look = null;
      rmSync(join(watched.directory, PROCESS_MEMORY_NAME), { force: true });
    }
    if (look && !this.#isLooking) void this.#lookAt(pid, now, watched);
    this.#pollAfter(waitMs);
  }

  #sample(pid: number, watched: Watched): MemorySample | null {
    const residentBytes = readResident(pid);
    if (residentBytes === null) return null;
    const atMs = Date.now();
    const heap = this.#heapUse(watched);
    const uses = [...this.#limits.read(pid, atMs), ...(heap === null ? [] : [heap])];
    return { atMs, residentBytes, uses };
  }

  /** Only the process itself knows it: its probe says so, if it has grown. */
  #heapUse({ place, directory }: Watched): MemoryUse | null {
    const path = join(inMemory(place), HEAP_NAME);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (mtimeMs !== this.#heap.mtimeMs) this.#heap = { mtimeMs, use: readHeapUse(path, directory) };
    return this.#heap.use;
  }

  async #lookAt(pid: number, now: MemorySample, watched: Watched): Promise<void> {
    this.#isLooking = true;
    const beganAt = performance.now();
    try {
      const facts = memoryFacts(pid, now, this.#growth.until(now));
      // Of a service it is there only if something was captured.
      ensureRaw(watched.place.directory, watched.place.runId);
      // First: to read all mappings takes longer than a fast leak leaves.
      if (this.#look === null || isLarge(facts)) keepMemoryFacts(watched.directory, facts);
      // What is in memory can be gone with a container.
      keepHeap(watched.place);
      const mapped = await withMappings(pid, facts);
      if (mapped !== null && this.#watched === watched) keepMemoryFacts(watched.directory, mapped);
    } catch {
      // A full disk, or the worker ended.
    }
    const tookMs = performance.now() - beganAt;
    if (this.#watched === watched) this.#look = { atMs: now.atMs, tookMs, share: usedShare(now) };
    this.#isLooking = false;
  }
}

function readHeapUse(path: string, directory: string): MemoryUse | null {
  try {
    const { usedBytes, limitBytes } = readHeap(path, directory);
    return limitBytes === null ? null : { of: 'heap', usedBytes, limitBytes };
  } catch {
    return null;
  }
}
