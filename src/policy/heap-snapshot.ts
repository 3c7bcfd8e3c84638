import type { MemoryUse } from '../model/memory.ts';
import type { HeapPlan } from '../model/session.ts';

/** Of the limit of V8's heap. */
const NEAR = 0.9;
/** What V8 needs beside the heap while it takes a snapshot of many small objects: 7.2 to 7.5 times its size (measured). */
export const MEMORY_FACTOR = 8;
/** The file of the same was 1.8 to 2 times as large. */
export const FILE_FACTOR = 2.5;
/** For the worker itself meanwhile. */
const RESERVE_BYTES = 64 * 1024 * 1024;

/** The size of the heap at which a snapshot is taken. */
export function snapshotAt({ fromBytes }: HeapPlan, limitBytes: number): number {
  return Math.round(Math.min(fromBytes ?? Number.POSITIVE_INFINITY, NEAR * limitBytes));
}

/** For how long one of this size holds the worker. */
export function snapshotMs({ msPerMegabyte }: HeapPlan, bytes: number): number {
  return Math.round((bytes / 1e6) * msPerMegabyte);
}

/**
 * Why none can be taken; null if one can.
 * @param uses of memory, V8's heap among them or not
 */
export function snapshotObstacle(
  plan: HeapPlan,
  atBytes: number,
  uses: readonly MemoryUse[],
): 'heap-too-long' | 'heap-no-memory' | null {
  if (snapshotMs(plan, atBytes) > plan.longestMs) return 'heap-too-long';
  const limits = uses.filter(({ of }) => of !== 'heap');
  const roomBytes = Math.min(...limits.map(({ usedBytes, limitBytes }) => limitBytes - usedBytes));
  return roomBytes < MEMORY_FACTOR * atBytes + RESERVE_BYTES ? 'heap-no-memory' : null;
}
