import type { Mapping } from '../../model/process-snapshot.ts';

/** A number of `NAME: VALUE kB` lines (proc_pid_status(5), proc_meminfo(5)) in bytes; null if it is not there. */
export function kilobytesIn(text: string, name: string): number | null {
  const value = new RegExp(`^${name}:\\s+(\\d{1,15}) kB$`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value) * 1024;
}

/** What the processes of a control group hold that cannot be dropped, of `memory.stat`; null for other text. */
export function heldIn(memoryStat: string): number | null {
  const values = Array.from(memoryStat.matchAll(/^(?:anon|shmem) (\d{1,18})$/gm), ([, value]) =>
    Number(value),
  );
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

const HARMLESS_DEVICES = ['/dev/shm/', '/dev/zero'];

/** The name of what io_uring maps. */
export const RING = 'anon_inode:[io_uring]';

/** By its `/proc/<pid>/fdinfo/<fd>`: does this io_uring keep no file or socket open, as nothing is registered and nothing waits? */
export function isIdleRing(fdinfo: string): boolean {
  return /^UserFiles:\s*0$/m.test(fdinfo) && /^PollList:\s*\n(?!\s)/m.test(fdinfo);
}

/**
 * Is something mapped that others see as in use for as long as it is? Memory of System V, whose attachments are counted; requests of
 * io_setup(2) that are under way; sockets; devices; huge pages, of which there are few. Of io_uring see `isIdleRing`.
 */
export function isSeenByOthers({ name }: Mapping): boolean {
  if (name === RING) return false;
  if (HARMLESS_DEVICES.some((start) => name.startsWith(start))) return false;
  return /^(?:\/SYSV|\/\[aio\]|\/anon_hugepage|\/dev\/|anon_inode:|socket:)/.test(name);
}
