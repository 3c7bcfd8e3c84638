import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRawRun } from '../../agent/raw-run.ts';
import { workerEnvironment } from '../../agent/worker-environment.ts';

const TRIAL =
  'function outer() { inner(); } function inner() { throw new Error("crashmon doctor"); } outer();';

/**
 * Crashes a tiny program on the worker's Node with the probe.
 * @returns the number of captured frames; `why` if there are none
 */
export function tryCapture(node: string, env: NodeJS.ProcessEnv): { frames: number; why: string } {
  const directory = mkdtempSync(join(tmpdir(), 'crashmon-doctor-'));
  try {
    const result = spawnSync(node, ['-e', TRIAL], {
      env: workerEnvironment(env, '0'.repeat(12), { directory, runtime: 'node' }),
      timeout: 20_000,
      stdio: 'ignore',
    });
    const raw = readRawRun(directory);
    const frames = raw.candidates[0]?.thrown?.frames.length ?? 0;
    if (frames > 0) return { frames, why: '' };
    if (result.error !== undefined) return { frames, why: result.error.message };
    return { frames, why: raw.claim === null ? 'the probe was not loaded' : 'the probe left no record' };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
