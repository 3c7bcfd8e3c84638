import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Watchdog } from './watchdog.ts';

/** How long gdbserver may take to let go of a worker before it is killed, which makes the kernel do it. */
const LEAVE_MS = 1000;

/**
 * Starts a gdbserver that speaks over its standard streams, in a session of its own so that no terminal signals it.
 */
export function startGdbserver(gdbserverPath: string, watchEverySeconds: number): GdbserverProcess {
  // A SIGPIPE while it detaches would leave SIGSTOPs of its own pending at threads of the worker; it inherits that
  // the signal is ignored. Its messages go nowhere: a pipe that nobody reads could block it.
  const script = 'trap "" PIPE; exec "$0" --once --multi -';
  const child = spawn('/bin/sh', ['-c', script, gdbserverPath], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return new GdbserverProcess(child, child.stdin, child.stdout, watchEverySeconds);
}

/**
 * A gdbserver of ours. It ends with us: at the end of its input it detaches from everything and exits.
 */
export class GdbserverProcess {
  readonly input: Writable;
  readonly output: Readable;
  /** Settles with the exit code, null when a signal killed it; 127 when it could not be started. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #watchdog: Watchdog | null;

  constructor(child: ChildProcess, input: Writable, output: Readable, watchEverySeconds: number) {
    this.#child = child;
    this.input = input;
    this.output = output;
    this.exited = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', () => resolve(127));
    });
    this.#watchdog = child.pid === undefined ? null : new Watchdog(child.pid, watchEverySeconds);
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Lets go of the worker and ends; true when it did so by itself, false when it had to be killed. */
  async leave(): Promise<boolean> {
    this.input.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), LEAVE_MS);
    const code = await this.exited;
    clearTimeout(timer);
    await this.#closed();
    return code !== null;
  }

  /** For one that does not answer; the kernel then lets the worker run. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
    await this.#closed();
  }

  async #closed(): Promise<void> {
    this.input.destroy();
    this.output.destroy();
    await this.#watchdog?.end();
  }
}
