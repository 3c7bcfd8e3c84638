import type { HeapStatistics } from '../../model/crash-report.ts';

/** `248.1 MB of 256 MB`; null where V8 said nothing. */
export function heapWords({ usedBytes, limitBytes }: HeapStatistics): string | null {
  if (usedBytes === null) return limitBytes === null ? null : `limit ${megabytes(limitBytes)}`;
  return limitBytes === null
    ? `${megabytes(usedBytes)} used`
    : `${megabytes(usedBytes)} of ${megabytes(limitBytes)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')} MB`;
}
