import { existsSync, readFileSync } from 'node:fs';
import { parseCgroupBytes, parseMachineMemory, parseReclaimable } from '../formats/procfs/memory-use.ts';
import type { MemoryUse } from '../model/memory.ts';
import { type MemoryCgroup, memoryCgroups, withAncestors } from './memory-cgroup.ts';

/** Limits change rarely. */
const REFRESH_MS = 60_000;
/** Of a machine it changes slowly, as long as there is enough. */
const MACHINE_MS = 2_000;
/** Below this share of a limit there is enough, and the kernel's cache of files makes no difference. */
const SCARCE = 0.75;

type Limited = MemoryCgroup & { limitBytes: number };

/** Memory in use and its limits, of the control groups of one process and of the machine. A few small reads. */
export class MemoryLimits {
  readonly #root: string;
  #cgroup: string | null = null;
  #limited: Limited[] = [];
  #readAtMs = Number.NEGATIVE_INFINITY;
  #machine: { atMs: number; uses: MemoryUse[] } | null = null;

  /** @param root of `/proc` and `/sys` */
  constructor(root = '') {
    this.#root = root;
  }

  read(pid: number, nowMs: number): MemoryUse[] {
    this.#follow(pid, nowMs);
    return [...this.#limited.flatMap((group) => useOf(group) ?? []), ...this.#machineUses(nowMs)];
  }

  #machineUses(nowMs: number): MemoryUse[] {
    const known = this.#machine;
    const isScarce = known?.uses.some(({ usedBytes, limitBytes }) => usedBytes > SCARCE * limitBytes);
    if (known !== null && !isScarce && nowMs - known.atMs < MACHINE_MS) return known.uses;
    const machine = parseMachineMemory(read(`${this.#root}/proc/meminfo`) ?? '');
    const uses: MemoryUse[] = machine === null ? [] : [{ of: 'machine', ...machine }];
    this.#machine = { atMs: nowMs, uses };
    return uses;
  }

  #follow(pid: number, nowMs: number): void {
    if (nowMs - this.#readAtMs < REFRESH_MS && this.#cgroup !== null) return;
    // Of a process that is ending the kernel shows the root.
    const cgroup = read(`${this.#root}/proc/${pid}/cgroup`);
    if (cgroup === null) return;
    this.#cgroup = cgroup;
    this.#readAtMs = nowMs;
    const own = memoryCgroups(cgroup, this.#root).find((group) => existsSync(currentOf(group)));
    const groups = own === undefined ? [] : withAncestors(own, this.#root);
    this.#limited = groups.flatMap((group) => {
      const limitBytes = parseCgroupBytes(read(limitOf(group)) ?? '');
      return limitBytes === null ? [] : [{ ...group, limitBytes }];
    });
  }
}

function useOf({ limitBytes, ...group }: Limited): MemoryUse | null {
  const current = parseCgroupBytes(read(currentOf(group)) ?? '');
  if (current === null) return null;
  const isCached = current >= SCARCE * limitBytes;
  const cache = isCached ? parseReclaimable(read(`${group.directory}/memory.stat`) ?? '') : 0;
  return { of: 'cgroup', usedBytes: Math.max(0, current - cache), limitBytes };
}

function currentOf({ directory, version }: MemoryCgroup): string {
  return `${directory}/${version === 2 ? 'memory.current' : 'memory.usage_in_bytes'}`;
}

function limitOf({ directory, version }: MemoryCgroup): string {
  return `${directory}/${version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
