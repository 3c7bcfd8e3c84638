import type { HeapStatistics } from '../model/crash-report.ts';

/** `248.1 MB used, 251 MB committed, limit 256 MB`; null if V8 printed no sizes. */
export function heapWords({ usedBytes, committedBytes, limitBytes }: HeapStatistics): string | null {
  const parts = [
    usedBytes === null ? null : `${megabytes(usedBytes)} used`,
    committedBytes === null ? null : `${megabytes(committedBytes)} committed`,
    limitBytes === null ? null : `limit ${megabytes(limitBytes)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

/** `248.1 MB` */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')} MB`;
}
