import { readVariable } from './read-variable.ts';

/** Environment variable of every supervised worker; its value is the run's id. */
export const RUN_MARKER = 'CRASHMON_RUN';

/** The run whose marker a process was started with; null if that cannot be read, or there is none. */
export function readMarker(pid: number): string | null {
  return readVariable(pid, RUN_MARKER) ?? null;
}
