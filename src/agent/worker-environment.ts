import { fileURLToPath } from 'node:url';
import { RUN_MARKER } from '../worker/run-marker.ts';

export const PROBE_PATH = fileURLToPath(new URL('../probe/bundled/probe.cjs', import.meta.url));

/**
 * The environment of a supervised worker: what it would have without crashmon, plus the run's marker and,
 * if armed, the probe. The probe takes its own two entries out again before the app's first line runs.
 * @param probeDirectory where the probe writes; null for a worker that is not armed
 */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  runId: string,
  probeDirectory: string | null,
): NodeJS.ProcessEnv {
  const base = { ...env, [RUN_MARKER]: runId };
  if (probeDirectory === null) return base;
  const require = `--require ${quoted(PROBE_PATH)}`;
  const before = env.NODE_OPTIONS ?? '';
  return {
    ...base,
    NODE_OPTIONS: before === '' ? require : `${require} ${before}`,
    CRASHMON_PROBE_DIR: probeDirectory,
  };
}

/** NODE_OPTIONS is split at spaces; within double quotes a backslash escapes. Node before 12 knows no quotes. */
function quoted(path: string): string {
  if (!/[ "\\]/.test(path)) return path;
  return `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
