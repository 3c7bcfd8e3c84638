import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** The wall clock of all programs that have `env`; it is the machine's own until it jumps. */
export class WallClock {
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  /** @param library compiled from test/fixtures/chaos/jumping-clock.c */
  constructor(file: string, library: string) {
    this.#file = file;
    this.env = { LD_PRELOAD: library, CHAOS_CLOCK: file };
    this.jump(0);
  }

  /** So far from the true time, at once, also in what runs. */
  jump(byMs: number): void {
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(BigInt(byMs));
    const shared = openSync(this.#file, constants.O_RDWR | constants.O_CREAT);
    try {
      writeSync(shared, offset, 0, offset.length, 0);
    } finally {
      closeSync(shared);
    }
  }
}
