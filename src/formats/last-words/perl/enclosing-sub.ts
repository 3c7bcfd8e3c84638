type LineOf = (line: number) => string | null;

const MAX_BODY = 500;
const MAX_TEXT = 200;
const MAX_ABOVE = 10_000;

const SUB = /^(?:sub|method|func?)\s{1,20}((?:\w{1,100}::){0,20}\w{1,100})/;
const PACKAGE = /^package\s{1,20}((?:\w{1,100}::){0,20}\w{1,100})/;
/** What makes the layout say nothing: code without a name, text, documentation. */
const UNCLEAR = /\bsub\s*[({]|<<["'~\w]|^=\w|^__(?:END|DATA)__/;

/**
 * The sub that has a line, with its package: Perl prints only the place of a `die`. By the usual layout alone, in which a sub and
 * its last bracket begin a line; null for any other.
 */
export function enclosingSub(lineOf: LineOf, line: number): string | null {
  const start = beginOf(lineOf, line);
  const name = start === null ? undefined : SUB.exec(lineOf(start) ?? '')?.[1];
  if (start === null || name === undefined || isText(lineOf, start) || !endsBelow(lineOf, line)) return null;
  if (name.includes('::')) return name;
  for (let at = start - 1; at > 0 && at > start - MAX_ABOVE; at--) {
    const found = PACKAGE.exec(lineOf(at) ?? '')?.[1];
    if (found !== undefined) return `${found}::${name}`;
  }
  return `main::${name}`;
}

function beginOf(lineOf: LineOf, line: number): number | null {
  for (let at = line - 1; at > 0 && at > line - MAX_BODY; at--) {
    const text = lineOf(at) ?? '';
    if (SUB.test(text)) return at;
    if (text.startsWith('}') || UNCLEAR.test(text.slice(0, 2_000))) return null;
  }
  return null;
}

/** Is it in a text that began above (`print <<"END";`)? */
function isText(lineOf: LineOf, start: number): boolean {
  const below = new Set<string>();
  for (let at = start - 1; at > 0 && at > start - MAX_TEXT; at--) {
    const text = (lineOf(at) ?? '').slice(0, 2_000);
    const end = /<<~?["']?(\w{1,100})/.exec(text)?.[1];
    if (end !== undefined && !below.has(end)) return true;
    below.add(text.trim());
  }
  return false;
}

function endsBelow(lineOf: LineOf, line: number): boolean {
  if (/^[\w}]/.test(lineOf(line) ?? '')) return false;
  for (let at = line + 1; at < line + MAX_BODY; at++) {
    const text = lineOf(at);
    if (text === null || SUB.test(text)) return false;
    if (text.startsWith('}')) return true;
  }
  return false;
}
