import { readFileSync } from 'node:fs';
import { parseSystemdUnit } from '../../formats/procfs/systemd-unit.ts';
import { listChildren } from '../../worker/process-info.ts';
import { CGROUP_ROOTS, cgroupsIn, processesOfCgroup } from '../cgroup-files.ts';
import type { SourceKind } from '../source.ts';

const MAX_PROCESSES = 500;
const MAX_DEPTH = 8;

/**
 * The processes of a service, its main process first: all of its cgroup where systemd started it, else the main process
 * and its descendants.
 */
export function processesOf(pid: number, source: SourceKind): number[] {
  const found = new Set([pid, ...(source.startsWith('systemd') ? membersOfCgroup(pid) : [])]);
  // A set also goes through what is added meanwhile.
  for (const one of found) {
    for (const child of found.size < MAX_PROCESSES ? listChildren(one) : []) found.add(child);
  }
  return [...found].slice(0, MAX_PROCESSES);
}

function membersOfCgroup(pid: number): number[] {
  const path = cgroupOf(pid);
  if (path === null) return [];
  for (const root of CGROUP_ROOTS) {
    const members = membersBelow(`${root}${path}`, MAX_DEPTH);
    if (members.length > 0) return members;
  }
  return [];
}

/** The path of the service's own cgroup: a process can be in one below it. */
function cgroupOf(pid: number): string | null {
  const text = read(`/proc/${pid}/cgroup`);
  const unit = parseSystemdUnit(text)?.name;
  const path = /^(?:0:|\d+:name=systemd):(\/.*)$/m.exec(text)?.[1];
  if (unit === undefined || path === undefined || path.includes('/../')) return null;
  const at = path.indexOf(`/${unit}`);
  return at < 0 ? null : path.slice(0, at + 1 + unit.length);
}

function membersBelow(directory: string, depth: number): number[] {
  const own = processesOfCgroup(directory);
  if (depth === 0 || own.length >= MAX_PROCESSES) return own;
  const below = cgroupsIn(directory).flatMap((name) => membersBelow(`${directory}/${name}`, depth - 1));
  return [...own, ...below];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
