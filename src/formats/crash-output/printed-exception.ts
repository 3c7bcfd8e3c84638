import { type PrintedFrame, parseFrameText } from './abort-stack.ts';
import { parseThrowSite, type ThrowSite } from './throw-site.ts';

/** The exception that Node printed last before it ended. All of it is text that needs vouching. */
export type PrintedException = {
  /** Only a name of the language's own: any other could be part of a message. */
  type: string | null;
  /** Innermost first. */
  frames: PrintedFrame[];
  throwSite: ThrowSite | null;
};

/**
 * Reads what Node prints of an exception that a handler of uncaught exceptions threw, which ends the process with
 * code 7 and is seen by nothing but standard error:
 *
 *     /app/app.js:5
 *         throw new TypeError('no');
 *         ^
 *     ⏎
 *     TypeError: no
 *         at notify (/app/app.js:5:11)
 *     ⏎
 *     Node.js v20.20.2
 *
 * The text can begin with output of the handler; the last stack counts. null without one.
 */
export function parsePrintedException(text: string): PrintedException | null {
  const lines = text.slice(-MAX_TEXT).split('\n');
  const last = lines.findLastIndex((line) => line.startsWith(AT));
  if (last < 0) return null;
  let first = last;
  while (first > 0 && lines[first - 1]?.startsWith(AT)) first--;
  const frames = lines
    .slice(first, last + 1)
    .map((line) => frameOf(line.slice(AT.length)))
    .filter((frame) => frame !== null);
  const header = lines.slice(0, first).findLastIndex((line, at) => isUnderline(lines, at) && TYPE.test(line));
  if (header < 0) return { type: null, frames, throwSite: null };
  return {
    type: TYPE.exec(lines[header] ?? '')?.[1] ?? null,
    frames,
    throwSite: parseThrowSite(`${lines.slice(header - 4, header).join('\n')}\n`),
  };
}

const MAX_TEXT = 256 * 1024;
const AT = '    at ';
const TYPE = /^(Error|TypeError|RangeError|ReferenceError|SyntaxError|EvalError|URIError|AggregateError)\b/;

/** Does the header stand below an excerpt of the source? */
function isUnderline(lines: readonly string[], header: number): boolean {
  return lines[header - 1] === '' && /^[ \t]*\^+$/.test(lines[header - 2] ?? '');
}

function frameOf(text: string): PrintedFrame | null {
  // Where properties of the error follow, their brace ends the last frame's line.
  const body = text.replace(/ \{$/, '');
  const async = body.startsWith('async ');
  const frame = parseFrameText(async ? body.slice('async '.length) : body);
  return frame === null ? null : { ...frame, async };
}
