import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromPathSegment } from './path-segment.ts';
import { errorCode, unusable } from './unusable.ts';

export type JournalLocation = {
  directory: string;
  /** From the directory names; the journal's identity has names that are too long for a directory. */
  app: string;
  instance: string;
};

/**
 * Every app and instance with a directory below the state directory, by name.
 * @throws CrashmonError STATE_DIR_UNUSABLE when it cannot be read
 */
export function listJournals(stateDir: string): JournalLocation[] {
  const apps = join(stateDir, 'apps');
  return directoriesIn(apps).flatMap((app) =>
    directoriesIn(join(apps, app)).map((instance) => ({
      directory: join(apps, app, instance),
      app: fromPathSegment(app),
      instance: fromPathSegment(instance),
    })),
  );
}

function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw unusable(path, error);
  }
}
