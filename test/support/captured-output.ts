import type { Readable } from 'node:stream';

/** Everything a stream said so far, with a way to wait for a line of it. */
export class CapturedOutput {
  readonly ended: Promise<void>;
  readonly #waiters = new Set<() => void>();
  #text = '';
  #closed = false;

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      stream.once('close', () => {
        this.#closed = true;
        this.#wake();
        resolve();
      });
    });
  }

  get text(): string {
    return this.#text;
  }

  /**
   * Settles with the first whole line at or after character `from` that matches, also one that was there already.
   * @throws when the stream ends without it
   */
  async line(pattern: RegExp, from = 0): Promise<RegExpMatchArray> {
    for (let next = from; ; ) {
      const text = this.#text.slice(next);
      const whole = this.#closed ? text : text.slice(0, text.lastIndexOf('\n') + 1);
      // What has been read is not read again for each chunk.
      next += whole.length;
      for (const line of whole.split('\n')) {
        // A pattern with `g` or `y` would remember where it stopped.
        const match = line.match(new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')));
        if (match) return match;
      }
      if (this.#closed) throw new Error(`ended without a line that matches ${pattern}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  #wake(): void {
    for (const resume of this.#waiters) resume();
    this.#waiters.clear();
  }
}
