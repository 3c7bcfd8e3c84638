/**
 * Parses `/proc/<pid>/cgroup` (cgroups(7)) to the paths that matter for memory. Version 1 names the controller,
 * version 2 has the line `0::PATH`.
 */
export function parseMemoryCgroup(text: string): { v1: string | null; v2: string | null } {
  let v1: string | null = null;
  let v2: string | null = null;
  for (const line of text.split('\n')) {
    const [hierarchy, controllers, ...rest] = line.split(':');
    const path = rest.join(':');
    if (!path.startsWith('/')) continue;
    if (hierarchy === '0' && controllers === '') v2 = path;
    else if (controllers?.split(',').includes('memory')) v1 = path;
  }
  return { v1, v2 };
}

/**
 * Reads the `oom_kill` counter out of `memory.events` (v2) or `memory.oom_control` (v1); null if there is none.
 */
export function parseOomKill(text: string): number | null {
  const match = /^oom_kill (\d{1,15})$/m.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}
