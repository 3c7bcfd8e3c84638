import { readlinkSync } from 'node:fs';
import { readCommandLine } from '../../worker/process-info.ts';

/** What a process was started with; null if it has ended or belongs to another user. */
export function readProcessPlace(pid: number): { argv: readonly string[]; cwd: string } | null {
  try {
    const argv = readCommandLine(pid);
    return argv.length === 0 ? null : { argv, cwd: readlinkSync(`/proc/${pid}/cwd`) };
  } catch {
    return null;
  }
}
