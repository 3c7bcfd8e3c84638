/** The place of a throw, as Node shows it before the message. */
export type ThrowSite = {
  /** Path, `file:` URL or `node:` name. */
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 units; null if the excerpt does not reach so far (Node stops after 1,020 columns). */
  column: number | null;
  sourceLine: string;
};

/**
 * Reads the excerpt that Node prints when an exception ends it (`GetErrorSource` in src/node_errors.cc):
 *
 *     ⏎                      (only for thrown non-Errors)
 *     /app/server.js:2
 *     ⇥throw 'no';
 *     ⇥^
 *
 * The text must begin with it: what follows is the message, which may look like an excerpt and must never be read. The
 * answer is only a claim until `sourceLine` is found at that line of the file.
 */
export function parseThrowSite(textFromOffset: string): ThrowSite | null {
  const lines = firstLines(textFromOffset);
  if (lines === null) return null;
  const [heading, sourceLine, underline] = lines;
  const match = /^(.{1,4096}):(\d{1,9})$/.exec(heading);
  if (match?.[1] === undefined || Number(match[2]) === 0) return null;
  const column = columnOf(underline);
  if (column === undefined) return null;
  return { file: match[1], line: Number(match[2]), column, sourceLine };
}

/** A minified bundle may be a single line of megabytes. */
const MAX_SOURCE_LINE = 16 * 1024 * 1024;

/** Node's `kUnderlineBufsize`. */
const MAX_UNDERLINE = 1020;

function firstLines(text: string): [string, string, string] | null {
  const start = text.startsWith('\n') ? 1 : 0;
  const headingEnd = text.indexOf('\n', start);
  if (headingEnd < 0 || headingEnd - start > 4200) return null;
  const sourceEnd = text.indexOf('\n', headingEnd + 1);
  if (sourceEnd < 0 || sourceEnd - headingEnd > MAX_SOURCE_LINE) return null;
  const underlineEnd = text.indexOf('\n', sourceEnd + 1);
  if (underlineEnd < 0 || underlineEnd - sourceEnd > MAX_UNDERLINE + 10) return null;
  return [
    text.slice(start, headingEnd),
    text.slice(headingEnd + 1, sourceEnd),
    text.slice(sourceEnd + 1, underlineEnd),
  ];
}

/** Blanks and tabs stand for one column each, tabs where the source has tabs. undefined for other text. */
function columnOf(underline: string): number | null | undefined {
  const blanks = /^[ \t]*/.exec(underline)?.[0].length ?? 0;
  if (/^\^+$/.test(underline.slice(blanks))) return blanks + 1;
  return blanks === underline.length && blanks >= MAX_UNDERLINE ? null : undefined;
}
