/** A frame of a printed stack: text, so it needs vouching before anything of it may leave the machine. */
export type PrintedFrame = {
  function: string | null;
  file: string | null;
  line: number | null;
  column: number | null;
  async: boolean;
};

/**
 * Reads the JavaScript stack that Node 20 and later print on abort(), after its heading:
 *
 *     1: /app/crash.js:1:9
 *     2: executeUserEntryPoint (node:internal/modules/run_main:154:5)
 *
 * Ends at the first line that is not a frame. Empty without such a heading.
 */
export function parseAbortStack(text: string): PrintedFrame[] {
  const heading = text.lastIndexOf(HEADING);
  if (heading < 0) return [];
  const frames: PrintedFrame[] = [];
  // The heading is followed by a blank line.
  for (const line of text
    .slice(heading + HEADING.length, heading + MAX_TEXT)
    .split('\n')
    .slice(2)) {
    const frame = parseLine(line, frames.length + 1);
    if (frame === null || frames.length === MAX_FRAMES) break;
    frames.push(frame);
  }
  return frames;
}

const HEADING = '----- JavaScript stack trace -----';
const MAX_TEXT = 64 * 1024;
const MAX_FRAMES = 100;

function parseLine(line: string, number: number): PrintedFrame | null {
  const prefix = `${number}: `;
  if (!line.startsWith(prefix) || line.length > 4096) return null;
  return parseFrameText(line.slice(prefix.length));
}

/** `f (file:1:2)` or `file:1:2`; null for any other text. */
export function parseFrameText(body: string): PrintedFrame | null {
  if (body.length > 4096) return null;
  const open = body.endsWith(')') ? body.indexOf(' (') : -1;
  const place = /^(.+):(\d{1,9}):(\d{1,9})$/.exec(open < 0 ? body : body.slice(open + 2, -1));
  if (place === null) return null;
  return {
    function: open < 0 ? null : body.slice(0, open),
    file: place[1] ?? null,
    line: Number(place[2]),
    column: Number(place[3]),
    async: false,
  };
}
