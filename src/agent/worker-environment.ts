import { fileURLToPath } from 'node:url';
import type { Runtime } from '../model/runtime.ts';
import { probeEnvironment } from '../policy/probe-environment.ts';
import { RUN_MARKER } from '../worker/run-marker.ts';

/** The folder of the probes of all runtimes. */
export const PROBES = fileURLToPath(new URL('../probe', import.meta.url));

/**
 * The environment of a supervised worker: what it would have without crashmon, plus the run's marker and,
 * if armed, the probe. The probe takes its own entries out again before the app's first line runs.
 * @param armed where the probe writes, and what the worker ran the last time; null for a worker that is not armed
 */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  runId: string,
  armed: { directory: string; runtime: Runtime | null } | null,
): NodeJS.ProcessEnv {
  const base = { ...env, [RUN_MARKER]: runId };
  if (armed === null) return base;
  const probe = probeEnvironment(armed.runtime, PROBES, env);
  return probe === null ? base : { ...base, ...probe.variables, CRASHMON_PROBE_DIR: armed.directory };
}
