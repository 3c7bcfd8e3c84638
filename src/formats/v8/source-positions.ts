/** Of bytecode: a table of code offsets and positions in the script (V8's source-position-table.cc). */
export type PositionTable = readonly { offset: number; position: number }[];

const MAX_ENTRIES = 100_000;

/**
 * The first entry is the start of the function, before its first instruction, and says how steps are written: up to Node 24
 * a negative one is an expression, in Node 26 two bits are below it, of which one is always set. null for other bytes.
 */
export function readPositionTable(bytes: Uint8Array): PositionTable | null {
  const stepOf = STEPS[bytes[0] ?? 0];
  if (stepOf === undefined) return null;
  const entries: { offset: number; position: number }[] = [];
  const integers = new Integers(bytes);
  let offset = -1;
  let position = 0n;
  while (!integers.isAtEnd) {
    const written = integers.next();
    const moved = integers.next();
    const step = written === null ? null : stepOf(written);
    if (step === null || moved === null || entries.length === MAX_ENTRIES) return null;
    offset += Number(step);
    position += signed(moved);
    // SourcePosition: a bit, then the position plus one.
    const inScript = Number((position >> 1n) & 0x3fffffffn) - 1;
    if (position < 0n || inScript < 0) return null;
    entries.push({ offset, position: inScript });
  }
  return entries;
}

/** By the first byte: a step of 0 to an expression. */
const STEPS: Readonly<Record<number, (written: bigint) => bigint | null>> = {
  1: (written) => {
    const step = signed(written);
    return step >= 0n ? step : -(step + 1n);
  },
  2: (written) => ((written & 2n) === 0n ? null : written >> 2n),
};

/** The lowest bit is the sign. */
function signed(bits: bigint): bigint {
  return (bits >> 1n) ^ -(bits & 1n);
}

/** Of variable length, 7 bits a byte, lowest first. */
class Integers {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** null if it does not end. */
  next(): bigint | null {
    let bits = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return null;
      bits |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return bits;
    }
    return null;
  }
}

/** Position of the code at an offset: that of the last entry before or at it. */
export function positionAt(table: PositionTable, offset: number): number | null {
  return table.findLast((entry) => entry.offset <= offset)?.position ?? null;
}

/** Line and column of a position, both from 1, as V8 counts them; null if the text is shorter. */
export function lineAndColumn(text: string, position: number): { line: number; column: number } | null {
  if (position < 0 || position > text.length) return null;
  let line = 1;
  let start = 0;
  for (const { index, 0: end } of text.slice(0, position).matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
    line++;
    start = index + end.length;
  }
  return { line, column: position - start + 1 };
}
