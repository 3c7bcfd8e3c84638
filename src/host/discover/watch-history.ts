import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toPathSegment } from '../../journal/path-segment.ts';
import { makePrivateDirectory, makePrivateFile } from '../../journal/private-directory.ts';
import { hasSlotOf } from '../../journal/slot.ts';

/**
 * Which apps were watched for what they are, in the state directory: an app that only a setting had watched
 * (`--all`, `--include`, `--watch`) has a file here, until it listens.
 */
export class WatchHistory {
  readonly #stateDir: string;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  wasWatched(app: string): boolean {
    return hasSlotOf(this.#stateDir, app) && !existsSync(this.#markOf(app));
  }

  /** Before it has a journal. What was watched already stays so. */
  watchedBySetting(app: string): void {
    if (existsSync(this.#markOf(app)) || hasSlotOf(this.#stateDir, app)) return;
    try {
      makePrivateDirectory(this.#stateDir, 'host', 'by-setting');
      makePrivateFile(this.#markOf(app));
    } catch {
      // Then it stays watched without the setting.
    }
  }

  listened(app: string): void {
    try {
      rmSync(this.#markOf(app), { force: true });
    } catch {
      // Then it is watched again when it listens again.
    }
  }

  #markOf(app: string): string {
    return join(this.#stateDir, 'host', 'by-setting', toPathSegment(app));
  }
}
