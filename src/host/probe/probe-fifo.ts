import { execFile } from 'node:child_process';
import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { type ProbeLine, ProbeLines } from '../../formats/probe-record/probe-lines.ts';

const LIMIT_MS = 5_000;
/** Any user of a unit can write; who can reach it is decided by its directory, whose name is random. */
const MODE = '622';
const READ_BYTES = 64 * 1024;
/** What an honest probe never writes: then nothing more is read. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The FIFO into which the probe of one unit writes. It is held open, so that a writer finds a reader. */
export class ProbeFifo {
  readonly path: string;
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #lines = new ProbeLines();
  readonly #onLine: (line: ProbeLine) => void;
  #isOver = false;
  #bytes = 0;

  private constructor(path: string, fd: number, onLine: (line: ProbeLine) => void) {
    this.path = path;
    this.#fd = fd;
    this.#onLine = onLine;
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on('data', (bytes) => this.#read(bytes)).on('error', () => {});
    this.#socket.unref();
  }

  /** Its directory must be there, and the FIFO not. @throws if it cannot be made */
  static async make(path: string, onLine: (line: ProbeLine) => void): Promise<ProbeFifo> {
    await promisify(execFile)('mkfifo', ['-m', MODE, path], { timeout: LIMIT_MS });
    // Not O_RDONLY: that ends with each writer.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    return new ProbeFifo(path, fd, onLine);
  }

  /** Reads what was written up to now. */
  drain(): void {
    const bytes = Buffer.alloc(READ_BYTES);
    try {
      // A writer that does not stop must not keep the agent.
      for (let reads = 0; reads < 4 && !this.#isOver; reads++) {
        this.#read(bytes.subarray(0, readSync(this.#fd, bytes)));
      }
    } catch {
      // It is empty.
    }
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) this.close();
    for (const line of this.#lines.add(bytes)) this.#onLine(line);
  }
}
