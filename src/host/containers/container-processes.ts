import { readFileSync } from 'node:fs';
import { type ContainerCgroup, parseContainerCgroup } from '../../formats/procfs/container-cgroup.ts';
import { ProcessTable } from '../processes/process-table.ts';

/** A container that runs, by its cgroup. */
export type FoundContainer = {
  cgroup: ContainerCgroup;
  /** Its first process: the parent of that is outside. */
  pid: number;
  startTicks: number;
};

/** A process stays in its container. */
const READ_ALL_EVERY_MS = 600_000;

/** Finds containers by the cgroups of processes. */
export class ContainerProcesses {
  readonly #table = new ProcessTable({ factsOf: cgroupOf, readAllEveryMs: READ_ALL_EVERY_MS });

  /** By the containers' IDs. */
  find(pids?: readonly number[]): Map<string, FoundContainer> {
    const processes = this.#table.read(pids);
    const found = new Map<string, FoundContainer>();
    for (const [pid, { facts: cgroup, parent, startTicks }] of processes) {
      if (cgroup === null || processes.get(parent)?.facts?.id === cgroup.id) continue;
      const known = found.get(cgroup.id);
      // What joined it later (`exec`) also has a parent outside.
      if (known === undefined || startTicks < known.startTicks) {
        found.set(cgroup.id, { cgroup, pid, startTicks });
      }
    }
    return found;
  }
}

function cgroupOf(pid: number): ContainerCgroup | null {
  try {
    return parseContainerCgroup(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  } catch {
    // It has ended.
    return null;
  }
}
