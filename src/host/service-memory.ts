import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryWatch } from '../agent/memory-watch.ts';
import { PROCESS_MEMORY_NAME } from '../agent/raw-run.ts';
import { rawDirectory } from '../journal/raw-capture.ts';

/** Follows the memory of the process of a service while that is wanted: an OOM kill leaves nothing else. Only reads. */
export class ServiceMemory {
  readonly #directory: string;
  readonly #watch: MemoryWatch;
  #runId: string | null = null;

  /** @param directory of the state @param uid user of crashmon */
  constructor(directory: string, uid: number) {
    this.#directory = directory;
    this.#watch = new MemoryWatch(directory, uid);
  }

  /** @param run the one that lives, if it is to be followed @param pid of the process that does the work */
  follow(runId: string | null, pid: () => number): void {
    if (this.#runId === runId) return;
    this.end();
    this.#runId = runId;
    if (runId !== null) this.#watch.begin(runId, pid);
  }

  end(): void {
    this.#runId = null;
    this.#watch.end();
  }

  /** Was it near a limit? */
  hasFacts(runId: string): boolean {
    return existsSync(this.#path(runId));
  }

  /** Another end than that of its memory, a stop for example. */
  forget(runId: string): void {
    // Another process can get its ID.
    if (this.#runId === runId) this.end();
    rmSync(this.#path(runId), { force: true });
    try {
      rmdirSync(rawDirectory(this.#directory, runId));
    } catch {
      // Something else was captured, or nothing.
    }
  }

  #path(runId: string): string {
    return join(rawDirectory(this.#directory, runId), PROCESS_MEMORY_NAME);
  }
}
