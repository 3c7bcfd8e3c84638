const FLAG = /^--max[-_]old[-_]space[-_]size=(\d{1,9})$/;

/**
 * The limit at which V8 ends a process, in bytes. Its own number includes room for young objects, which with a small
 * `--max-old-space-size` is most of it.
 * @param heapSizeLimit as `v8.getHeapStatistics()` has it
 * @param heapFlags those of the command line before those of NODE_OPTIONS, which they override
 */
export function oldSpaceLimit(heapSizeLimit: number, heapFlags: readonly string[]): number {
  const megabytes = heapFlags.flatMap((flag) => Number(FLAG.exec(flag)?.[1] ?? 0) || [])[0];
  return megabytes === undefined ? heapSizeLimit : Math.min(heapSizeLimit, megabytes * 1024 * 1024);
}
