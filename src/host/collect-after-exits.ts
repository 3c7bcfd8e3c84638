import { getHeapStatistics } from 'node:v8';

/** What an exit opened is closed by then. */
const AFTER_MS = 15_000;
/** A collection takes a processor for some 30 ms; an exit of which nothing was recorded leaves little. */
const WORTH_BYTES = 1_000_000;

export type Garbage = {
  /** Absent: Node.js does not allow it. */
  collect: (() => void) | undefined;
  /** Gives back to the system what is free; absent: not possible. */
  release: (() => void) | undefined;
  /** Of the heap, in bytes. */
  used?: () => number;
  afterMs?: number;
};

/**
 * Exits leave garbage, and once nothing happens V8 collects none: some 10 MB would stay. Call the result at each exit; garbage is
 * collected a while after the last one, and in a crash loop from time to time, if the heap has grown; then free memory is released.
 */
export function collectAfterExits({
  collect,
  release,
  used = usedBytes,
  afterMs = AFTER_MS,
}: Garbage): () => void {
  let timer: NodeJS.Timeout | null = null;
  let isNew = false;
  /** At an exit, or after a collection: in a crash loop more is in use than later. */
  let leastUsed = Number.POSITIVE_INFINITY;
  const notice = () => {
    leastUsed = Math.min(leastUsed, used());
  };
  const collectLater = () => {
    isNew = false;
    timer = setTimeout(() => {
      timer = null;
      if (used() - leastUsed > WORTH_BYTES) {
        collect?.();
        notice();
      }
      release?.();
      if (isNew) collectLater();
    }, afterMs).unref();
  };
  return () => {
    notice();
    if (timer === null) collectLater();
    else isNew = true;
  };
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
