import { fileURLToPath } from 'node:url';
import type { StartedWith } from '../journal/documents.ts';
import type { Preparation } from '../policy/worker-preparation.ts';
import { RUN_MARKER } from '../worker/run-marker.ts';

/** The folder of the probes of all runtimes. */
export const PROBES = fileURLToPath(new URL('../probe', import.meta.url));

/** What an armed worker is started with; there is no directory if nothing can be captured. */
export type ArmedStart = { directory: string | null; preparation: Preparation | null };

/**
 * The environment of a supervised worker: what it would have without crashmon, plus the run's marker and,
 * if armed, the probe. The probe takes its own entries out again before the app's first line runs.
 * @param start null for a worker that is not armed
 */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  runId: string,
  start: ArmedStart | null,
): NodeJS.ProcessEnv {
  const base = { ...env, [RUN_MARKER]: runId, ...start?.preparation?.variables };
  if (start?.directory == null || start.preparation?.gives !== 'probe') return base;
  return { ...base, CRASHMON_PROBE_DIR: start.directory };
}

/** Names only: values can be the app's. */
export function startedWith({ runtime, gives, variables }: Preparation): StartedWith {
  return { runtime, gives, variables: Object.keys(variables) };
}
