import type { ProcessMemory } from '../model/memory.ts';
import type { MemorySample } from '../policy/memory-looks.ts';

type Resident = Pick<MemorySample, 'atMs' | 'residentBytes'>;

/** How far back growth is measured. */
const WINDOW_MS = 600_000;
const APART_MS = 10_000;

/** How the resident memory of one process has grown. */
export class MemoryGrowth {
  #samples: Resident[] = [];

  remember({ atMs, residentBytes }: Resident): void {
    const newest = this.#samples.at(-1);
    if (newest !== undefined && atMs - newest.atMs < APART_MS) return;
    this.#samples = [
      ...this.#samples.filter((each) => atMs - each.atMs < WINDOW_MS),
      { atMs, residentBytes },
    ];
  }

  /** null if it was seen only once. */
  until(now: Resident): ProcessMemory['growth'] {
    const [oldest] = this.#samples;
    if (oldest === undefined || oldest.atMs >= now.atMs) return null;
    return { bytes: now.residentBytes - oldest.residentBytes, overMs: now.atMs - oldest.atMs };
  }
}
