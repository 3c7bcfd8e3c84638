import type { CoreTarget } from '../../model/system-core.ts';

/** By /proc/sys/kernel/core_pattern (core(5)). */
export function parseCorePattern(text: string): CoreTarget {
  const pattern = text.trim();
  if (pattern.startsWith('@')) return 'other';
  const program = /^\|\s*(\S{1,200})/.exec(pattern)?.[1];
  if (program === undefined) return pattern.startsWith('|') ? 'other' : 'file';
  const name = program.slice(program.lastIndexOf('/') + 1);
  return HANDLERS[name] ?? 'other';
}

const HANDLERS: Readonly<Record<string, CoreTarget>> = {
  'systemd-coredump': 'systemd-coredump',
  apport: 'apport',
  'abrt-hook-ccpp': 'abrt',
};
