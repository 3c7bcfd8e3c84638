import { type ChildProcess, spawn } from 'node:child_process';
import { type HelperEvent, LineCutter, parseHelperLine } from './helper-lines.ts';

/** One run of the helper program. It ends, and frees what it watches, when it is stopped or its input ends. */
export class HelperProcess {
  /** Settles when it is ready to take commands; with a reason if it cannot be started. */
  readonly ready: Promise<string | null>;
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;

  /** @param onEvent called in the order of events */
  constructor(path: string, onEvent: (event: HelperEvent) => void) {
    // In a session of its own, so that no terminal signals it; without our environment and directory.
    const child: ChildProcess = spawn(path, [], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
      cwd: '/',
    });
    this.#child = child;
    const { stdin, stdout } = child;
    let problem = 'it ended at once';
    this.exited = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        // A clone has none before it is compiled.
        problem =
          error.code === 'ENOENT'
            ? `${path} is missing; scripts/build-exit-watch.sh compiles it`
            : error.message;
        resolve();
      });
      child.once('close', () => resolve());
    });
    let isReady = (): void => {};
    this.ready = Promise.race([
      new Promise<null>((resolve) => {
        isReady = () => resolve(null);
      }),
      this.exited.then(() => problem),
    ]);
    const lines = new LineCutter();
    // A write to one that has ended; `exited` reports that.
    stdin?.on('error', () => {});
    stdout?.on('error', () => {});
    stdout?.setEncoding('latin1').on('data', (text: string) => {
      try {
        for (const line of lines.push(text)) {
          const event = parseHelperLine(line);
          if (event?.type === 'ready') isReady();
          else if (event !== null) onEvent(event);
        }
      } catch {
        this.kill();
      }
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  send(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** At the end of its input it ends. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.exited;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
