const VERSION = 1;
const LENGTH_BYTES = 4;
const MAX_TOPIC_BYTES = 256;

export type AmpReaderOptions = {
  /** Is the second argument of a message with this first one wanted? What is not is passed over, and not kept. */
  isWanted: (topic: string) => boolean;
  onMessage: (topic: string, body: Buffer) => void;
  /** Longer arguments are passed over. */
  maxBytes: number;
};

/**
 * Reads a stream of AMP messages (a byte of version and count, then each argument after its length in 32 bits), as PM2's
 * bus sends them, in pieces of any size. Keeps at most one argument of a message that is wanted.
 */
export class AmpReader {
  readonly #options: AmpReaderOptions;
  #pieces: Buffer[] = [];
  #held = 0;
  /** Bytes of the current part, and whether they are kept. */
  #left = 1;
  #isKept = true;
  #part: 'start' | 'length' | 'argument' = 'start';
  #arguments = 0;
  #index = 0;
  #topic: string | null = null;

  constructor(options: AmpReaderOptions) {
    this.#options = options;
  }

  /** @throws Error for what is no AMP */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length || (this.#left === 0 && this.#part === 'argument'); ) {
      const piece = chunk.subarray(at, at + this.#left);
      at += piece.length;
      this.#left -= piece.length;
      if (this.#isKept && piece.length > 0) {
        this.#pieces.push(piece);
        this.#held += piece.length;
      }
      if (this.#left === 0) this.#next();
    }
  }

  #next(): void {
    const bytes =
      this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [];
    this.#held = 0;
    if (this.#part === 'start') this.#start(bytes[0] ?? 0);
    else if (this.#part === 'length') this.#expectArgument(bytes.readUInt32BE());
    else this.#argument(bytes);
  }

  #start(head: number): void {
    if (head >> 4 !== VERSION) throw new Error('this is no AMP message of version 1');
    this.#arguments = head & 0xf;
    this.#index = 0;
    this.#topic = null;
    this.#expectNext();
  }

  #expectArgument(length: number): void {
    const { isWanted, maxBytes } = this.#options;
    const isTopic = this.#index === 0;
    const isBody = this.#index === 1 && this.#topic !== null && isWanted(this.#topic);
    this.#expect('argument', length, length <= (isTopic ? MAX_TOPIC_BYTES : maxBytes) && (isTopic || isBody));
  }

  #argument(bytes: Buffer): void {
    // `s:` is a text, `j:` is JSON.
    const kind = bytes.toString('latin1', 0, 2);
    if (this.#index === 0 && kind === 's:') this.#topic = bytes.toString('utf8', 2);
    else if (this.#isKept && kind === 'j:' && this.#topic !== null) {
      this.#options.onMessage(this.#topic, bytes.subarray(2));
    }
    this.#index += 1;
    this.#expectNext();
  }

  #expectNext(): void {
    if (this.#index < this.#arguments) this.#expect('length', LENGTH_BYTES, true);
    else this.#expect('start', 1, true);
  }

  #expect(part: 'start' | 'length' | 'argument', bytes: number, isKept: boolean): void {
    this.#part = part;
    this.#left = bytes;
    this.#isKept = isKept;
  }
}
