import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The keeper checks again after this much has been written … */
const SLICE_BYTES = 512 * 1024;
/** … and leaves this much; a slower reader loses what is older. */
export const KEPT_BYTES = 8 * 1024 * 1024;

/** The keeper's tools come from the system, not from the worker's PATH. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const SCRIPT = fileURLToPath(new URL('./stderr-keeper.sh', import.meta.url));

/** A keeper that ends earlier is not restarted. */
const SHORT_LIFE_MS = 1_000;

/**
 * Bounds the standard-error file by a separate process, because the bound must also hold while crashmon is stopped or
 * killed. It runs as long as a process has the file open for output.
 */
export class StderrKeeper {
  readonly #path: string;
  #process: ChildProcess | null = null;
  #missingTools = false;

  constructor(path: string) {
    this.#path = path;
    this.#start();
  }

  /** Does the system lack the keeper's tools, so that the file is not bounded? */
  get missingTools(): boolean {
    return this.#missingTools;
  }

  /** Once no process has the file open. */
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
      // A session of its own: signals of the terminal or a wrapper to the group must not end it before the worker.
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
    // By a signal, e.g. an OOM kill.
    if (code === null && livedMs > SHORT_LIFE_MS) this.#start();
    else this.#missingTools = code !== 0;
  }
}
