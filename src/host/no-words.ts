import { readlinkSync } from 'node:fs';

/** Why nothing is read of what a service prints last. */
export type NoWords =
  /** Where it goes is not known yet: systemd was asked. */
  | 'not-known-yet'
  /** Standard error is /dev/null. */
  | 'discarded'
  /** Standard error of a unit is a file. */
  | 'file'
  /** Standard error of a process is none that can be read. */
  | 'no-file'
  /** It goes somewhere else: a terminal, a socket, the kernel's log. */
  | 'elsewhere'
  /** `LogLevelMax=` keeps it out of the journal. */
  | 'filtered'
  /** `LogNamespace=`: another journal. */
  | 'namespace'
  /** The journal of this host does not let the user of crashmon read it. */
  | 'no-access';

/**
 * By where standard error of a process goes now.
 * @param source the kind of its source
 * @returns null: to its supervisor, as far as that can be seen
 */
export function noWordsOf(pid: number, source: string): NoWords | null {
  // PM2 and engines write what a process prints into files of their own.
  if (!['systemd', 'systemd-user', 'process'].includes(source)) return null;
  const target = stderrTarget(pid);
  if (source === 'process') return target === 'file' ? null : 'no-file';
  return target;
}

function stderrTarget(pid: number): 'discarded' | 'file' | null {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/2`);
    if (target === '/dev/null') return 'discarded';
    return target.startsWith('/') && !target.startsWith('/dev/') ? 'file' : null;
  } catch {
    // It has ended, or belongs to another user.
    return null;
  }
}
