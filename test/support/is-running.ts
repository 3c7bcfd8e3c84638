import { readProcessStat } from '../../src/worker/process-info.ts';

/** Is there such a process? A zombie, which its parent has not collected yet, has ended. */
export function isRunning(pid: number): boolean {
  const state = readProcessStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}
