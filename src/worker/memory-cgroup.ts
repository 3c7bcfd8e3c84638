import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseMemoryCgroup } from '../formats/procfs/cgroup.ts';

/** A directory of the control group file system, where memory is counted. */
export type MemoryCgroup = { directory: string; version: 1 | 2 };

/**
 * Where the memory cgroup of a process can be, best guess first.
 * @param cgroup what /proc/<pid>/cgroup says
 * @param root of `/proc` and `/sys`
 */
export function memoryCgroups(cgroup: string, root = ''): MemoryCgroup[] {
  const { v1, v2 } = parseMemoryCgroup(cgroup);
  const places: [string, 1 | 2][] = [
    ...(v2 === null
      ? []
      : ([
          [v2, 2],
          [`/unified${v2}`, 2],
        ] as [string, 2][])),
    ...(v1 === null ? [] : ([[`/memory${v1}`, 1]] as [string, 1][])),
  ];
  // In a container that sees the host's paths, the mounts themselves are its own cgroup.
  if (cgroup === readOwn(root)) places.push(['', 2], ['/memory', 1]);
  return places
    .filter(([path]) => !`${path}/`.includes('/../'))
    .map(([path, version]) => ({ directory: `${root}/sys/fs/cgroup${path.replace(/\/$/, '')}`, version }));
}

/** The group itself and those that contain it, as far as they are seen here. */
export function withAncestors({ directory, version }: MemoryCgroup, root = ''): MemoryCgroup[] {
  const top = `${root}/sys/fs/cgroup${version === 1 ? '/memory' : ''}`;
  const groups: MemoryCgroup[] = [];
  for (let at = directory; at.startsWith(top); at = dirname(at)) groups.push({ directory: at, version });
  return groups;
}

function readOwn(root: string): string | null {
  try {
    return readFileSync(`${root}/proc/self/cgroup`, 'utf8');
  } catch {
    return null;
  }
}
