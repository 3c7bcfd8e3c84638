import { execFileSync, type StdioOptions } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { CHECKOUT } from '../../test/support/crashmon.ts';

export type Machine = {
  processor: string;
  cores: number;
  memoryMb: number;
  kernel: string;
  node: string;
  /** Load average of the last minute when the run began: what else the machine was doing. */
  loadBefore: number;
  commit: string;
};

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1e6),
    kernel: `Linux ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    commit: commit(),
  };
}

function commit(): string {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    const output = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: CHECKOUT, stdio });
    return output.toString('utf8').trim();
  } catch {
    return 'unknown';
  }
}
