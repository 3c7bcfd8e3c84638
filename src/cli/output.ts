import { writeSync } from 'node:fs';
import type { OutputSink } from './context.ts';

/**
 * Standard output or error for a verb. A reader who has seen enough (`crashmon crashes | head`) is no error; anything
 * else that keeps text from its place, such as a full disk, is one line and exit code 1.
 */
export class Output implements OutputSink {
  closed = false;
  readonly #stream: NodeJS.WriteStream & { fd: number };

  constructor(stream: NodeJS.WriteStream & { fd: number }) {
    this.#stream = stream;
    // Every write that fails tells so again; the first is enough.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.closed) this.#fail(error);
    });
  }

  write(text: string): void {
    if (!this.closed) this.#stream.write(text);
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.closed = true;
    if (error.code === 'EPIPE') return;
    process.exitCode ||= 1;
    if (this.#stream.fd !== 1) return;
    try {
      writeSync(2, `crashmon: Standard output cannot be written (${error.message}).\n`);
    } catch {
      // Then there is nowhere to say it.
    }
  }
}
