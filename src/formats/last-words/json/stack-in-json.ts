/** A stack that a logger wrote into a line of JSON. */
export type JsonStack = {
  /** Without escapes. */
  lines: string[];
  /** What stands beside the stack as the name of the class; null if nothing does. */
  type: string | null;
  /** Lines of the text below that line. */
  linesAfter: number;
};

/** Lines at the end in which it is looked for, each of at most so many characters. */
const MAX_LINES = 20;
const MAX_LINE = 64 * 1024;
const MAX_VALUES = 500;
const MAX_DEPTH = 6;
const MAX_STACK = 2_000;
const TYPE_KEYS: ReadonlySet<string> = new Set(['type', 'name', 'class', 'exception_class', 'error_class']);

/**
 * Looks for a stack in the last lines of JSON, the lowest first: a text, or an array of its lines.
 * @param read null if it is none: a message can look like one
 */
export function stackInJson<Read>(text: string, read: (stack: JsonStack) => Read | null): Read | null {
  let end = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let linesAfter = 0; linesAfter < MAX_LINES && end >= 0; linesAfter++) {
    const start = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
    const value = end - start <= MAX_LINE ? parsed(text.slice(start, end)) : null;
    const found = firstOf(value, (lines, type) => read({ lines, type, linesAfter }));
    if (found !== null) return found;
    end = start - 1;
  }
  return null;
}

function parsed(line: string): unknown {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    // It was cut, or two processes wrote at once.
    return null;
  }
}

function firstOf<Read>(
  root: unknown,
  read: (lines: string[], type: string | null) => Read | null,
): Read | null {
  let left = MAX_VALUES;
  const search = (value: unknown, depth: number): Read | null => {
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return null;
    for (const inner of Object.values(value)) {
      if (--left < 0) return null;
      const lines = linesOf(inner);
      const found = lines === null ? search(inner, depth + 1) : read(lines, typeIn(value));
      if (found !== null) return found;
    }
    return null;
  };
  return search(root, 0);
}

function linesOf(value: unknown): string[] | null {
  if (typeof value === 'string') return value.split('\n', MAX_STACK);
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_STACK;
  return isList && value.every((line) => typeof line === 'string') ? value : null;
}

function typeIn(fields: object): string | null {
  const named = Object.entries(fields).find(
    ([key, value]) => TYPE_KEYS.has(key) && typeof value === 'string',
  );
  return named === undefined ? null : String(named[1]);
}
