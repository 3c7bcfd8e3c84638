import { writeSync } from 'node:fs';
import type { OutputSink } from './context.ts';

/**
 * Standard output or error of a verb. A closed pipe (`crashmon crashes | head`) is not an error; any other failed write,
 * such as on a full disk, is one line and exit code 1.
 */
export class Output implements OutputSink {
  closed = false;
  readonly #stream: NodeJS.WriteStream & { fd: number };

  constructor(stream: NodeJS.WriteStream & { fd: number }) {
    this.#stream = stream;
    // Each failed write emits an error; the first is enough.
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
      writeSync(2, `crashmon: Cannot write to standard output (${error.message}).\n`);
    } catch {
      // Standard error failed too.
    }
  }
}
