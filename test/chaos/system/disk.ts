import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FROZEN_MS = 400;
const THAWED_MS = 150;

/**
 * The small file system (ext4 in a file) of the state directory. Other programs write to it: this one has to thaw it, and would
 * wait forever.
 */
export class Disk {
  readonly #mount: string;
  readonly #filler: string;

  constructor(mount: string) {
    this.#mount = mount;
    this.#filler = path.join(mount, 'filler');
  }

  /** To its last byte; what is freed meanwhile is free. */
  async fill(): Promise<void> {
    const { bavail, bsize } = statfsSync(this.#mount);
    await run('fallocate', ['-l', String(bavail * bsize), this.#filler]).catch(() => {});
    // Fails once it is full.
    await run('sh', ['-c', 'head -c 16m /dev/zero >>"$0"', this.#filler]).catch(() => {});
  }

  async free(): Promise<void> {
    await run('rm', ['-f', this.#filler]);
  }

  /** For that time most writes wait: the file system is frozen again and again. */
  async beSlow(forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      await run('fsfreeze', ['--freeze', this.#mount]);
      await delay(FROZEN_MS);
      await run('fsfreeze', ['--unfreeze', this.#mount]);
      await delay(THAWED_MS);
    }
  }
}
