import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The keeper looks again after this much has been written … */
const SLICE_BYTES = 512 * 1024;
/** … and leaves this much; whoever reads more slowly loses what is older. */
export const KEPT_BYTES = 8 * 1024 * 1024;

/** The keeper's tools come from the system, not from whatever the worker's PATH holds. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const SCRIPT = fileURLToPath(new URL('./stderr-keeper.sh', import.meta.url));

/** A keeper that is ended before this much time has passed is not worth a new one. */
const SHORT_LIFE_MS = 1_000;

/**
 * Has the standard-error file bounded by a process of its own, because the bound must hold while crashmon is stopped
 * or killed as well. It lives as long as anybody has the file open for output.
 */
export class StderrKeeper {
  readonly #path: string;
  #process: ChildProcess | null = null;
  #missingTools = false;

  constructor(path: string) {
    this.#path = path;
    this.#start();
  }

  /** Lacks the system what the keeper needs, so that nobody bounds the file? */
  get missingTools(): boolean {
    return this.#missingTools;
  }

  /** For when nobody has the file open any more. */
  end(): void {
    const { pid } = this.#process ?? {};
    this.#process = null;
    if (pid === undefined) return;
    try {
      // With its tail and head.
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Ended already.
    }
  }

  #start(): void {
    // For find(1) a pattern, not a name.
    const pattern = this.#path.replaceAll(/[\\*?[\]]/g, '\\$&');
    const args = [SCRIPT, this.#path, pattern, process.pid, SLICE_BYTES, KEPT_BYTES].map(String);
    const startedAt = performance.now();
    const keeper = spawn('/bin/sh', args, {
      stdio: 'ignore',
      cwd: '/',
      env: { PATH: SYSTEM_PATH },
      // A session of its own: what the terminal or a wrapper sends to the group shall not end it before the worker.
      detached: true,
    });
    this.#process = keeper;
    keeper.once('error', () => this.#ended(keeper, 3, 0));
    keeper.once('exit', (code) => this.#ended(keeper, code, performance.now() - startedAt));
    keeper.unref();
  }

  #ended(keeper: ChildProcess, code: number | null, livedMs: number): void {
    if (this.#process !== keeper) return;
    this.#process = null;
    // By a signal: somebody (the kernel for want of memory) picked it.
    if (code === null && livedMs > SHORT_LIFE_MS) this.#start();
    else this.#missingTools = code !== 0;
  }
}
