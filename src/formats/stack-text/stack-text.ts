/** An executable or library of a core file, as a tool listed it. */
export type TextModule = {
  start: bigint;
  /** First address after it. */
  end: bigint;
  /** Lower-case hexadecimal. */
  buildId: string | null;
  /** Path, or what the tool calls it (`linux-vdso.so.1`). */
  path: string;
};

/** One frame of a printed stack. Every name may be any text. */
export type TextFrame = {
  address: bigint;
  isReturnAddress: boolean;
  symbol: string | null;
  file: string | null;
  line: number | null;
  column: number | null;
  /** The file that the code is in, where the tool says so in the frame. */
  modulePath: string | null;
};

export type TextThread = {
  tid: number;
  frames: TextFrame[] /** There are more frames than were printed. */;
  cut: boolean;
};

export type StackText = { modules: TextModule[]; threads: TextThread[] };

/** What printed text may bring; more is left out. */
const MAX_TEXT_LENGTH = 8 * 1024 * 1024;
const MAX_LINE_LENGTH = 16 * 1024;
export const MAX_THREADS = 4096;
export const MAX_FRAMES = 1024;
export const MAX_MODULES = 10_000;

export type Place = { file: string; line: number | null; column: number | null };

/** `/src/a.cpp:12:3`, `a.c:12`, `a.S`. */
export function parsePlace(text: string): Place {
  const match = /:(\d{1,9})(?::(\d{1,9}))?$/.exec(text);
  if (match === null) return { file: text, line: null, column: null };
  return {
    file: text.slice(0, match.index),
    line: positive(match[1]),
    column: positive(match[2]),
  };
}

/** Lines that are short enough to be looked at. */
export function* linesOf(text: string): Generator<string> {
  const bounded = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
  for (let start = 0; start < bounded.length; ) {
    const newline = bounded.indexOf('\n', start);
    const end = newline < 0 ? bounded.length : newline;
    if (end - start <= MAX_LINE_LENGTH) yield bounded.slice(start, end);
    start = end + 1;
  }
}

function positive(digits: string | undefined): number | null {
  const number = Number(digits ?? 0);
  return number > 0 ? number : null;
}
