import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startBackground } from '../background-process.ts';
import type { SealJob } from './seal-process.ts';

const ENTRY = fileURLToPath(
  new URL(`./seal-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** In a process of the lowest priority: a worker can still run, and a report does not wait for it. @param fd of the file */
export function startSealing(job: SealJob, fd: number): ChildProcess {
  const child = startBackground(process.execPath, [ENTRY, JSON.stringify(job)], ['ignore', fd]);
  child.once('error', () => {}).unref();
  return child;
}
