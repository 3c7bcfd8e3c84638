import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeOne } from './private-directory.ts';
import { errorCode, unusable } from './unusable.ts';

const RUN_ID = /^[0-9a-f]{12}$/;

/** Where the probe of one run writes; see `createRaw`. */
export function rawDirectory(directory: string, runId: string): string {
  if (!RUN_ID.test(runId)) throw new RangeError('not a run id');
  return join(directory, 'raw', runId);
}

/**
 * Makes the raw directory of a run, 0700, which must not be there yet.
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function createRaw(directory: string, runId: string): string {
  const path = rawDirectory(directory, runId);
  try {
    makeOne(join(directory, 'raw'));
    mkdirSync(path, { mode: 0o700 });
    return path;
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Makes it unless it is there. @throws CrashmonError STATE_DIR_UNUSABLE */
export function ensureRaw(directory: string, runId: string): string {
  const path = rawDirectory(directory, runId);
  makeOne(join(directory, 'raw'));
  makeOne(path);
  return path;
}

/** Removes a run's raw capture, if there is one, without following links. */
export function deleteRaw(directory: string, runId: string): void {
  const path = rawDirectory(directory, runId);
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Run ids that have a raw capture: after kill -9, those still to be analyzed or swept. */
export function listRaw(directory: string): string[] {
  const path = join(directory, 'raw');
  try {
    return readdirSync(path)
      .filter((name) => RUN_ID.test(name))
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw unusable(path, error);
  }
}
