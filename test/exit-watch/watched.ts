import assert from 'node:assert/strict';
import type { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import type { WatchTarget } from '../../src/exit-watch/watch-target.ts';
import type { WatchedExit } from '../../src/exit-watch/watched-exit.ts';
import type { ExitStatus } from '../../src/model/exit.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import type { ProgramResult } from '../support/run-program.ts';

export function targetOf(pid: number): WatchTarget {
  return { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0 };
}

export async function watchWell(watch: ExitWatch, pid: number, hold = false): Promise<WatchedExit> {
  const watched = await watch.watch(targetOf(pid), { hold });
  assert.ok(!('failed' in watched), 'failed' in watched ? watched.message : '');
  return watched;
}

/** How its parent saw it end. */
export function statusOf({ code, signal }: ProgramResult): ExitStatus {
  return signal === null ? { type: 'code', code: code ?? -1 } : { type: 'signal', signal };
}
