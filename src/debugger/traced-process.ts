import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseMemoryMap } from '../formats/procfs/memory-map.ts';
import { type ProcessStatus, parseProcessStatus } from '../formats/procfs/process-status.ts';
import type { Mapping } from '../model/process-snapshot.ts';

/** null if there is no such process or thread. */
export function readStatus(pid: number, tid = pid): ProcessStatus | null {
  try {
    return parseProcessStatus(readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8'));
  } catch {
    return null;
  }
}

/** Threads of a process, empty when it has ended. */
export function readThreads(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** Children of its first thread, empty if they cannot be known. */
export function readChildren(pid: number): number[] {
  return textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** Empty where it cannot be read. */
export function readMemoryMap(pid: number): Mapping[] {
  try {
    return parseMemoryMap(readFileSync(`/proc/${pid}/maps`, 'utf8'));
  } catch {
    return [];
  }
}

export function readAuxiliaryVector(pid: number): Uint8Array {
  try {
    return readFileSync(`/proc/${pid}/auxv`);
  } catch {
    return new Uint8Array();
  }
}

/** Path of the program, '' if it cannot be read. */
export function readExecutable(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Its ID in its own namespace (`NSpid` in proc_pid_status(5)); null if that cannot be read. */
function readNamespacePid(pid: number): number | null {
  const innermost = /^NSpid:.*?(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  return innermost === undefined ? null : Number(innermost);
}

/** Is it the first process of a PID namespace, e.g. of a container? */
export function isNamespaceInit(pid: number): boolean {
  return readNamespacePid(pid) === 1;
}

/** Is this ID, as the process sees it in its namespace, its own? */
export function isOwnId(pid: number, id: number): boolean {
  return id === pid || id === readNamespacePid(pid);
}

/**
 * Where the stack pointer was at the program's first instruction (`startstack` in proc_pid_stat(5)), null if unknown.
 */
export function readStackStart(pid: number): bigint | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name in brackets can hold anything; after it comes the third field.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[25] ?? '';
  // Without permission it reads as 0.
  return /^[1-9]\d*$/.test(start) ? BigInt(start) : null;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
