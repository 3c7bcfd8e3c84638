import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CrashmonError } from '../model/crashmon-error.ts';
import { makePrivateFile } from './private-directory.ts';
import { unusable } from './unusable.ts';

/** Requests of the CLI to the running agent. `override`: `crashmon agent` reads again what was set manually. */
export const REQUESTS = ['restart', 'detach', 'override'] as const;
export type Request = (typeof REQUESTS)[number];

/** The agent watches this directory; it is created with the journal. */
export function requestDirectory(directory: string): string {
  return join(directory, 'requests');
}

/**
 * Sends the agent of this directory a request; two before it checks are one.
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function placeRequest(directory: string, request: Request): void {
  const path = join(requestDirectory(directory), request);
  try {
    makePrivateFile(path);
  } catch (error) {
    if (error instanceof CrashmonError) throw error;
    throw unusable(path, error);
  }
}

/** Takes the requests out of the directory. Never throws: a request must not trouble the agent. */
export function takeRequests(directory: string): Request[] {
  try {
    const names = readdirSync(requestDirectory(directory));
    const asked = REQUESTS.filter((request) => names.includes(request));
    for (const request of asked) rmSync(join(requestDirectory(directory), request), { force: true });
    return asked;
  } catch {
    return [];
  }
}
