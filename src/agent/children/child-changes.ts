import { readChildren, readNewestPid } from '../../worker/process-info.ts';

/** Titles that are written late, and children of other threads, are found by then. */
export const LOOK_ANYWAY_MS = 300_000;

/**
 * Finds out whether it is worth a look at the processes below a master: one file is read instead of several for each of them, or
 * none if nothing was started on the whole machine.
 */
export class ChildChanges {
  #master = 0;
  #children = '';
  #newestPid = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  /** All was looked at, just now. @param master whose children they are */
  looked(master: number): void {
    this.#master = master;
    this.#children = readChildren(master);
    this.#newestPid = readNewestPid();
    this.#atMs = performance.now();
  }

  /** Can there be a child that was not looked at? */
  canBe(): boolean {
    if (performance.now() - this.#atMs >= LOOK_ANYWAY_MS) return true;
    const newestPid = readNewestPid();
    if (newestPid !== 0 && newestPid === this.#newestPid) return false;
    return readChildren(this.#master) !== this.#children;
  }
}
