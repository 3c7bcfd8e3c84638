import { readFileSync } from 'node:fs';
import { parseCorePattern } from '../../formats/procfs/core-pattern.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { CoreHandler, CoreTarget } from '../../model/system-core.ts';
import { coreSignal } from '../../policy/matching-core.ts';

/** The handler of this host whose stacks are read; null if there is none. */
export function coreHandler(): CoreHandler | null {
  const target = coreTarget();
  return target === 'systemd-coredump' || target === 'abrt' ? target : null;
}

/** Can the handler of this host have a core dump of this exit? */
export function mayHaveCore(status: ExitStatus): boolean {
  return coreSignal(status) !== null && coreHandler() !== null;
}

/** Where core dumps of this host go; null if that cannot be read. */
export function coreTarget(): CoreTarget | null {
  try {
    return parseCorePattern(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'));
  } catch {
    return null;
  }
}
