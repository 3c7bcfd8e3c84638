import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { parseMemoryCgroup } from '../formats/procfs/cgroup.ts';
import { heldIn, isIdleRing, isSeenByOthers, kilobytesIn, RING } from '../formats/procfs/memory-facts.ts';
import { parseMemoryMap } from '../formats/procfs/memory-map.ts';
import type { Mapping } from '../model/process-snapshot.ts';
import type { WholeMemoryObstacle } from '../model/whole-memory.ts';

/** Stays available while memory of an ended process is kept. */
const RESERVE_BYTES = 256 * 1024 * 1024;
/** That are looked at while the process is held. */
const MOST_DESCRIPTORS = 2000;
/** What version 1 has for no limit is a little less than 2^63. */
const UNLIMITED_BYTES = 2 ** 60;
const CGROUPS = '/sys/fs/cgroup';

/** What a process holds, and within what its memory can be kept after its end. */
export type MemoryRoom = {
  sizeBytes: number;
  reserveBytes: number;
  /** The control group with the least room; null if none is limited. */
  cgroup: { path: string; limitBytes: number } | null;
};

/** The text is that of /proc/<pid>/maps. */
export function roomForMemory(pid: number, maps: string): MemoryRoom | WholeMemoryObstacle {
  const status = textOf(`/proc/${pid}/status`);
  const sizeBytes = sizeIn(status);
  if (hasOtherRoot(pid)) return 'other-root';
  const mappings = parseMemoryMap(maps);
  const hugeBytes = kilobytesIn(status, 'HugetlbPages') ?? 0;
  if (hugeBytes > 0 || mappings.some(isSeenByOthers) || !areRingsIdle(pid, mappings)) return 'in-use';
  // The next worker can need as much while this is kept. Where no memory is promised twice (2), it counts as promised.
  const available = kilobytesIn(textOf('/proc/meminfo'), 'MemAvailable') ?? 0;
  const isStrict = textOf('/proc/sys/vm/overcommit_memory').trim() === '2';
  if (isStrict || available < sizeBytes + RESERVE_BYTES) return 'memory-short';
  const cgroup = tightestCgroup(pid);
  if (cgroup === 'unknown' || (cgroup !== null && cgroup.roomBytes < sizeBytes)) return 'memory-short';
  return { sizeBytes, reserveBytes: RESERVE_BYTES, cgroup };
}

/** What a process holds now; 0 if there is none. */
export function memorySize(pid: number): number {
  return sizeIn(textOf(`/proc/${pid}/status`));
}

function sizeIn(status: string): number {
  const parts = ['RssAnon', 'RssShmem', 'VmSwap'].map((name) => kilobytesIn(status, name) ?? 0);
  return parts.reduce((sum, part) => sum + part, 0);
}

/** `unknown`: it is limited by version 1, whose limits are not read. */
function tightestCgroup(
  pid: number,
): (NonNullable<MemoryRoom['cgroup']> & { roomBytes: number }) | 'unknown' | null {
  const text = textOf(`/proc/${pid}/cgroup`);
  const { v1, v2 } = parseMemoryCgroup(text);
  if (v1 !== null) {
    const stat = textOf(`${CGROUPS}/memory${v1}/memory.stat`);
    // With those above it.
    const limit = Number(/^hierarchical_memory_limit (\d+)$/m.exec(stat)?.[1] ?? Number.NaN);
    return limit > UNLIMITED_BYTES ? null : 'unknown';
  }
  const steps = (v2 ?? '/').split('/').filter(Boolean);
  const paths = [CGROUPS, ...steps.map((_, index) => `${CGROUPS}/${steps.slice(0, index + 1).join('/')}`)];
  // In a container that sees the host's paths, the mount itself is its own control group.
  const isSeen = existsSync(`${paths.at(-1)}/cgroup.procs`) || text === textOf('/proc/self/cgroup');
  if (!isSeen || steps.includes('..')) return 'unknown';
  const limited = paths.flatMap((path) => {
    const limits = ['max', 'high'].map((name) => Number.parseInt(textOf(`${path}/memory.${name}`), 10));
    const limitBytes = Math.min(...limits.filter(Number.isFinite));
    const held = heldIn(textOf(`${path}/memory.stat`));
    return Number.isFinite(limitBytes) && held !== null
      ? [{ path, limitBytes, roomBytes: limitBytes - held }]
      : [];
  });
  return limited.sort((one, other) => one.roomBytes - other.roomBytes)[0] ?? null;
}

/** Node.js has some. Each has two mappings at least, and a low descriptor, because it is opened early. */
function areRingsIdle(pid: number, mappings: readonly Mapping[]): boolean {
  let unseen = Math.ceil(mappings.filter(({ name }) => name === RING).length / 2);
  if (unseen === 0) return true;
  const fds = readdirSync(`/proc/${pid}/fd`, 'utf8').map(Number);
  for (const fd of fds.sort((one, other) => one - other).slice(0, MOST_DESCRIPTORS)) {
    if (linkOf(`/proc/${pid}/fd/${fd}`) !== RING) continue;
    if (!isIdleRing(textOf(`/proc/${pid}/fdinfo/${fd}`))) return false;
    unseen -= 1;
    if (unseen === 0) return true;
  }
  return false;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function hasOtherRoot(pid: number): boolean {
  try {
    const [root, ours] = [`/proc/${pid}/root/`, '/'].map((path) => statSync(path));
    return root?.dev !== ours?.dev || root?.ino !== ours?.ino;
  } catch {
    return true;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
