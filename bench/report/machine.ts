import { execFileSync, type StdioOptions } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { CHECKOUT } from '../../test/support/crashmon.ts';

export type Machine = {
  processor: string;
  cores: number;
  memoryMb: number;
  kernel: string;
  node: string;
  /** Load average of the last minute at the start: other work on the machine. */
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
