import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRawRun } from '../../agent/raw-run.ts';
import { PROBES, workerEnvironment } from '../../agent/worker-environment.ts';
import type { Runtime } from '../../model/runtime.ts';
import { prepareWorker } from '../../policy/worker-preparation.ts';

/** A program for each runtime that has a probe. */
const TRIALS: Partial<Record<Runtime, readonly string[]>> = {
  node: [
    '-e',
    'function outer() { inner(); } function inner() { throw new Error("crashmon doctor"); } outer();',
  ],
  python: ['-c', 'def outer(): inner()\ndef inner(): raise ValueError("crashmon doctor")\nouter()'],
  ruby: ['-e', 'def outer() inner end; def inner() raise "crashmon doctor" end; outer'],
  perl: ['-e', 'sub outer { inner() } sub inner { die "crashmon doctor" } outer();'],
};

/**
 * Crashes a tiny program on the worker's interpreter with the probe.
 * @returns the number of captured frames; `why` if there are none
 */
export function tryCapture(
  runtime: Runtime,
  interpreter: string,
  env: NodeJS.ProcessEnv,
): { frames: number; why: string } {
  const directory = mkdtempSync(join(tmpdir(), 'crashmon-doctor-'));
  try {
    const preparation = prepareWorker(runtime, null, { env, probes: PROBES });
    const result = spawnSync(interpreter, TRIALS[runtime] ?? [], {
      env: workerEnvironment(env, '0'.repeat(12), { directory, preparation }),
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
