import type { ProcessMemory } from '../../model/memory.ts';

/** Parses `/proc/meminfo` (proc_meminfo(5)), swap included; null without the fields. */
export function parseMachineMemory(text: string): { usedBytes: number; limitBytes: number } | null {
  const total = kilobytes(text, 'MemTotal');
  const available = kilobytes(text, 'MemAvailable');
  if (total === null || available === null || total === 0) return null;
  const swap = kilobytes(text, 'SwapTotal') ?? 0;
  const free = kilobytes(text, 'SwapFree') ?? 0;
  return { usedBytes: (total - available + swap - free) * 1024, limitBytes: (total + swap) * 1024 };
}

/** Resident bytes of `/proc/<pid>/statm` (proc_pid_statm(5)); null for a process that has ended. */
export function parseResident(text: string, pageBytes: number): number | null {
  const pages = Number(/^\d+ (\d{1,15}) /.exec(text)?.[1] ?? 0);
  return pages === 0 ? null : pages * pageBytes;
}

/**
 * Resident memory of `/proc/<pid>/status` (proc_pid_status(5)) by its kind, largest first; null for a process that has ended.
 */
export function parseResidentKinds(text: string): ProcessMemory['mappings'] {
  const kinds = [
    ['anonymous', kilobytes(text, 'RssAnon')],
    ['file', kilobytes(text, 'RssFile')],
    ['shared', kilobytes(text, 'RssShmem')],
  ] as const;
  const found = kinds.flatMap(([kind, kB]) => (kB === null || kB === 0 ? [] : [{ kind, bytes: kB * 1024 }]));
  return found.length === 0 ? null : found.sort((one, other) => other.bytes - one.bytes);
}

/** Bytes of a control group's limit or use; null without a limit (`max`; in version 1 a huge number). */
export function parseCgroupBytes(text: string): number | null {
  const bytes = /^\d{1,20}$/.test(text.trim()) ? Number(text) : Number.POSITIVE_INFINITY;
  return bytes < 2 ** 53 && bytes > 0 ? bytes : null;
}

/** Bytes of `memory.stat` that the kernel takes back before it kills: files in its cache. Version 1 has `total_` sums. */
export function parseReclaimable(text: string): number {
  const field = (name: string) => Number(new RegExp(`^${name} (\\d{1,18})$`, 'm').exec(text)?.[1] ?? 0);
  const prefix = /^total_cache /m.test(text) ? 'total_' : '';
  return field(`${prefix}active_file`) + field(`${prefix}inactive_file`);
}

function kilobytes(text: string, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d{1,15}) kB$`, 'm').exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}
