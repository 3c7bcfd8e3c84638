import { readFileSync } from 'node:fs';
import { parseOomKill } from '../formats/procfs/cgroup.ts';
import { parseProcessStat } from '../formats/procfs/process-stat.ts';
import { memoryCgroups } from './memory-cgroup.ts';

/**
 * OOM kills in the memory cgroup of one process. That cgroup need not be crashmon's (`systemd-run --scope`, a
 * container's entry), can change while the process runs, and is unknown once it has ended.
 */
export class OomCounter {
  readonly #root: string;
  #cgroup: string | null = null;
  #path: string | null = null;
  #before = 0;

  /** @param root of `/proc` and `/sys` */
  constructor(root = '') {
    this.#root = root;
  }

  /** Call it while the process runs, and again from time to time. Two small reads. */
  follow(pid: number): void {
    const cgroup = read(`${this.#root}/proc/${pid}/cgroup`);
    if (cgroup === null || cgroup === this.#cgroup || this.#isEnding(pid)) return;
    const found = findCounter(cgroup, this.#root);
    this.#cgroup = cgroup;
    this.#path = found?.path ?? null;
    this.#before = found?.kills ?? 0;
  }

  /** Kills since the process was first seen in its cgroup; null if the kernel's counter cannot be read. */
  kills(): number | null {
    const now = this.#path === null ? null : readCounter(this.#path);
    return now === null ? null : now - this.#before;
  }

  /** Version 1 shows a process in the root cgroup from the moment it is killed, long before it is a zombie. */
  #isEnding(pid: number): boolean {
    const stat = read(`${this.#root}/proc/${pid}/stat`);
    return stat === null || (parseProcessStat(stat)?.exiting ?? true);
  }
}

/** Can crashmon read the counter of its own cgroup? */
export function hasOomCounter(root = ''): boolean {
  const cgroup = read(`${root}/proc/self/cgroup`);
  return cgroup !== null && findCounter(cgroup, root) !== null;
}

/** @param cgroup what /proc/<pid>/cgroup says */
function findCounter(cgroup: string, root: string): { path: string; kills: number } | null {
  for (const { directory, version } of memoryCgroups(cgroup, root)) {
    const path = `${directory}/${version === 2 ? 'memory.events' : 'memory.oom_control'}`;
    const kills = readCounter(path);
    if (kills !== null) return { path, kills };
  }
  return null;
}

function readCounter(path: string): number | null {
  const text = read(path);
  return text === null ? null : parseOomKill(text);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
