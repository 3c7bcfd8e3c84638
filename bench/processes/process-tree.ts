import { readdirSync } from 'node:fs';
import { readProcessStat } from '../../src/worker/process-info.ts';

/** A process and all its descendants, without the descendants of (and) the `except` one. */
export function processTree(root: number, except: number | null): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readProcessStat(Number(name)) : null;
    if (stat === null || stat.state === 'Z') continue;
    children.set(stat.ppid, [...(children.get(stat.ppid) ?? []), stat.pid]);
  }
  const found: number[] = [];
  const visit = (pid: number): void => {
    if (pid === except) return;
    found.push(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(root);
  return found;
}
