import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchedChildren } from '../agent/children/children.ts';
import { replacePrivateFile } from '../journal/replace-private-file.ts';
import type { CaptureMeans } from '../model/capture-means.ts';
import type { NoCaptureReason } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';
import { isAlive } from '../worker/process-info.ts';
import type { NoWords } from './no-words.ts';

/** What `crashmon agent` knows of one service, for `crashmon status`. */
export type ServiceStatus = {
  id: string;
  name: string;
  /** The name of its app, which the settings can change. */
  app: string;
  source: string;
  unit: string | null;
  isWatched: boolean;
  /** Why it is watched, or is not: one line. */
  why: string;
  /** null if it does not run, or is not watched. */
  running: RunningStatus | null;
};

export type RunningStatus = {
  pid: number;
  startedAtMs: number;
  runtime: Runtime | null;
  /** What is attached to it, so that what ends it is captured; null if nothing is. */
  armedFor: CaptureMeans | null;
  /** Why nothing that ends it would be captured, even if it were armed; null if something would, or that is not known. */
  noCapture: NoCaptureReason | null;
  /** Why nothing is read of what it prints last; null if it is read. */
  noWords: NoWords | null;
  /** Workers below its main process whose crashes are seen; absent if there are none. */
  workers?: WatchedChildren & {
    /** What each of them prints last is read. */
    isRead: boolean;
  };
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
  replacePrivateFile(hostStatePath(stateDir, 'status.json'), JSON.stringify(status));
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

/** A process ID of before can be another process's now. */
export function isAgentRunning({ pid, startTicks }: HostStatus): boolean {
  return isAlive(pid, startTicks);
}

export function hostStatePath(stateDir: string, name: string): string {
  return join(stateDir, 'host', name);
}
