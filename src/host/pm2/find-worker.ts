import { readFileSync } from 'node:fs';
import { hasEnded } from '../../formats/procfs/process-stat.ts';
import { listChildren, readProcessStat } from '../../worker/process-info.ts';
import type { God } from './find-gods.ts';
import { type Pm2Process, PROCESS_VARIABLES, toPm2Process } from './pm2-process.ts';

export type Worker = { pid: number; startTicks: number; process: Pm2Process };

/**
 * The processes that a daemon of PM2 runs now, by the variables that it starts each with. Only these are read of their
 * environment.
 */
export function findWorkers(god: God): Worker[] {
  return listChildren(god.pid).flatMap((pid) => {
    const process = readProcess(pid);
    const stat = process === null ? null : readProcessStat(pid);
    if (process === null || stat === null || hasEnded(stat)) return [];
    return { pid, startTicks: stat.startTicks, process };
  });
}

function readProcess(pid: number): Pm2Process | null {
  try {
    const fields: Record<string, string> = {};
    for (const entry of readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')) {
      const name = entry.slice(0, entry.indexOf('='));
      if (PROCESS_VARIABLES.includes(name)) fields[name] ??= entry.slice(name.length + 1);
    }
    const { pm2_env: cluster, ...fork } = fields;
    // A worker of a cluster has all of it in one variable.
    return toPm2Process(cluster === undefined ? fork : (JSON.parse(cluster) as Record<string, unknown>));
  } catch {
    return null;
  }
}
