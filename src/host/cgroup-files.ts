import { readdirSync, readFileSync } from 'node:fs';

/** Where control groups are: version 2, hybrid, version 1. */
export const CGROUP_ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** Processes of a control group itself; empty if there is no such group. */
export function processesOfCgroup(directory: string): number[] {
  try {
    return readFileSync(`${directory}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Names of the control groups in one. */
export function cgroupsIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
