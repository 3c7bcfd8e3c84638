import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CrashmonError } from '../model/crashmon-error.ts';
import { makePrivateFile } from './private-directory.ts';
import { unusable } from './unusable.ts';

/** What the CLI may ask the running agent for. */
export const REQUESTS = ['restart', 'detach'] as const;
export type Request = (typeof REQUESTS)[number];

/** The directory that the agent watches; it is made with the journal. */
export function requestDirectory(directory: string): string {
  return join(directory, 'requests');
}

/**
 * Asks the agent of this directory; asking twice before it looks is asking once.
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

/** Takes what was asked for out of the directory. Never throws: a request is not worth a problem of the agent's. */
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
