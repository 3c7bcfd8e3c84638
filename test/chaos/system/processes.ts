import { readdirSync, readFileSync } from 'node:fs';

export type Process = {
  pid: number;
  parent: number;
  /** One letter, as in /proc/PID/stat: T is stopped, t is stopped by a tracer, Z has ended. */
  state: string;
  command: string;
};

/** All of the room, without those that have ended, by what they run. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), state, command }];
      } catch {
        // It has just ended.
        return [];
      }
    })
    .toSorted((a, b) => (a.command < b.command ? -1 : a.command > b.command ? 1 : a.pid - b.pid));
}

/** These processes and all below them. */
export function withDescendants(all: readonly Process[], roots: readonly number[]): Set<number> {
  const found = new Set(roots);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return found;
}

/** @returns whether there was such a process */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
