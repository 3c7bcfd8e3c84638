import { execFileSync } from 'node:child_process';
import type { ClaimRecord } from '../model/probe-record.ts';

const QUESTION = "process.stdout.write(String(require('v8').getHeapStatistics().heap_size_limit))";

/**
 * The heap limit, in bytes, of a worker that has ended: the same Node with the same flags knows it. null if that
 * Node does not answer.
 */
export function readHeapLimit({ execPath, heapFlags }: ClaimRecord): number | null {
  try {
    const text = execFileSync(execPath, [...heapFlags, '-e', QUESTION], {
      encoding: 'utf8',
      env: {},
      timeout: 5_000,
      maxBuffer: 1_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /^[1-9]\d{5,15}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}
