import { readFileSync } from 'node:fs';
import { parseMemoryCgroup, parseOomKill } from '../formats/procfs/cgroup.ts';

/**
 * How many processes the kernel has killed for want of memory in the cgroup of `pid`, null where no counter can be
 * read. The counter lives in the cgroup file system (v1 or v2); in a container with its own cgroup namespace the
 * path is relative to the mount.
 */
export function readOomKills(pid: number | 'self', root = ''): number | null {
  const text = read(`${root}/proc/${pid}/cgroup`);
  if (text === null) return null;
  const { v1, v2 } = parseMemoryCgroup(text);
  const candidates = [
    ...(v2 === null
      ? []
      : [`/sys/fs/cgroup${v2}/memory.events`, `/sys/fs/cgroup/unified${v2}/memory.events`]),
    ...(v1 === null ? [] : [`/sys/fs/cgroup/memory${v1}/memory.oom_control`]),
    // Where the path belongs to the host's view, the mount itself is the container's own cgroup.
    '/sys/fs/cgroup/memory.events',
    '/sys/fs/cgroup/memory/memory.oom_control',
  ];
  for (const path of candidates) {
    const file = read(root + path);
    const count = file === null ? null : parseOomKill(file);
    if (count !== null) return count;
  }
  return null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
