import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from '../model/runtime.ts';
import type { StderrTarget } from './stderr-target.ts';

/** What `crashmon agent` knows of one service, for `crashmon status`. */
export type ServiceStatus = {
  id: string;
  name: string;
  source: string;
  unit: string | null;
  isWatched: boolean;
  /** Why it is watched, or is not: one line. */
  why: string;
  /** null if it does not run, or is not watched. Armed: its exit is watched, so that what ends it is captured. */
  running: {
    pid: number;
    startedAtMs: number;
    runtime: Runtime | null;
    isArmed?: boolean;
    /** Where its standard error goes to, if not to its supervisor. */
    stderr?: StderrTarget | null;
  } | null;
};

/** Written by the agent whenever it changes. Holds nothing of the services' making except their names. */
export type HostStatus = {
  pid: number;
  startTicks: number;
  services: ServiceStatus[];
};

const MAX_BYTES = 16 * 1024 * 1024;

/** @throws where it cannot be written */
export function writeHostStatus(stateDir: string, status: HostStatus): void {
  const path = hostStatePath(stateDir, 'status.json');
  mkdirSync(join(stateDir, 'host'), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(status), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** null if no agent has run with this state directory, or the file cannot be read. */
export function readHostStatus(stateDir: string): HostStatus | null {
  try {
    const text = readFileSync(hostStatePath(stateDir, 'status.json'), 'utf8');
    if (text.length > MAX_BYTES) return null;
    const { pid, startTicks, services } = JSON.parse(text) as Partial<HostStatus>;
    if (typeof pid !== 'number' || typeof startTicks !== 'number' || !Array.isArray(services)) return null;
    return { pid, startTicks, services };
  } catch {
    return null;
  }
}

export function hostStatePath(stateDir: string, name: string): string {
  return join(stateDir, 'host', name);
}
