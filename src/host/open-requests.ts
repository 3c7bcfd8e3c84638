import { existsSync, readdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { toPathSegment } from '../journal/path-segment.ts';
import { makePrivateDirectory, makePrivateFile } from '../journal/private-directory.ts';

export type OpenRequest = {
  /** The journal is there, or cannot be opened. */
  isDone: boolean;
};

/**
 * Asks the agent of this host to open the journal of an app that it watches: before its first crash there is none.
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function requestJournal(stateDir: string, app: string): OpenRequest {
  const path = join(openRequests(stateDir), toPathSegment(app));
  makePrivateFile(path);
  return {
    get isDone() {
      return !existsSync(path);
    },
  };
}

/** Calls `open` for each app that is asked for, with its name as a path segment. */
export function watchOpenRequests(stateDir: string, open: (segment: string) => Promise<void>): Disposable {
  const directory = openRequests(stateDir);
  const opening = new Set<string>();
  const check = () => {
    for (const name of namesIn(directory)) {
      if (opening.has(name)) continue;
      opening.add(name);
      void open(name).finally(() => {
        opening.delete(name);
        rmSync(join(directory, name), { force: true });
      });
    }
  };
  check();
  const watcher = watch(directory, { persistent: false }, check);
  watcher.on('error', () => {});
  return { [Symbol.dispose]: () => watcher.close() };
}

/** Their directory. @throws CrashmonError STATE_DIR_UNUSABLE */
export function openRequests(stateDir: string): string {
  return makePrivateDirectory(stateDir, 'host', 'open');
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // A request must not trouble the agent.
    return [];
  }
}
