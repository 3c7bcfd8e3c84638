import { readFileSync } from 'node:fs';

/** Environment variable of every supervised worker; its value is the run's id. */
export const RUN_MARKER = 'CRASHMON_RUN';

/** The run whose marker a process was started with; null if that cannot be read, or there is none. */
export function readMarker(pid: number): string | null {
  try {
    const entry = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((text) => text.startsWith(`${RUN_MARKER}=`));
    return entry?.slice(RUN_MARKER.length + 1) ?? null;
  } catch {
    return null;
  }
}
