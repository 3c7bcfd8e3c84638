const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export type Extent = {
  /** Levels of lists and objects. */
  depth: number;
  /** Lists, objects and commas: at least half the number of values. */
  values: number;
};

/** Checks JSON against limits in one pass over its bytes, before a parser builds objects. */
export function jsonExceeds(json: Uint8Array, limits: Extent): keyof Extent | null {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === QUOTE) {
      index = endOfText(json, index);
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > limits.depth) return 'depth';
      if (++values > limits.values) return 'values';
    } else if (byte === COMMA) {
      if (++values > limits.values) return 'values';
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
  }
  return null;
}

/** Index of the closing quote of the string that begins at `start`. */
function endOfText(json: Uint8Array, start: number): number {
  let end = json.indexOf(QUOTE, start + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf(QUOTE, end + 1);
  return end < 0 ? json.length : end;
}

function isEscaped(json: Uint8Array, quote: number): boolean {
  let first = quote;
  while (json[first - 1] === BACKSLASH) first--;
  return (quote - first) % 2 === 1;
}
