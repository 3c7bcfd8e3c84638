import type { RawFrame } from '../model/probe-record.ts';

/** The thrown value as the source shows it: its type, and the message, which can name an undefined property. */
export type ThrownHint = { type: string; message: string };

/**
 * Does the source have, at this position and nowhere else in that column, what V8 points at? For a caller that is the call of
 * the next inner function; for the innermost frame `new` with the thrown type, or the property that could not be read. So a
 * position in generated text does not pass, even among similar lines.
 */
export function isPositionOf(
  lines: readonly string[],
  frame: RawFrame,
  inner: RawFrame | null,
  thrown: ThrownHint | null,
): boolean {
  if (frame.line === null || frame.column === null) return false;
  const column = frame.column - 1;
  const patterns = inner === null ? thrownPatterns(thrown) : callPatterns(inner);
  const matches = (line: string | undefined) => {
    if (line === undefined || line.length <= column) return false;
    // Nothing starts in the middle of a name.
    if (column > 0 && /[\w$]{2}/.test(line.slice(column - 1, column + 1))) return false;
    const rest = line.slice(column, column + MAX_REST);
    return patterns.some((pattern) => pattern.test(rest));
  };
  if (!matches(lines[frame.line - 1])) return false;
  return lines.filter(matches).length === 1;
}

/**
 * Does a function of this name begin at an offset of the source? V8 points at its parameter list.
 */
export function isFunctionAt(source: string, offset: number, name: string | null): boolean {
  if (name === null || !IDENTIFIER.test(name) || source[offset] !== '(') return false;
  const before = source.slice(Math.max(0, offset - 300), offset);
  const declared = DECLARED.exec(before)?.[1];
  // `constructor(…)`, which V8 names after its class.
  return declared === name || declared === 'constructor' || ASSIGNED.exec(before)?.[1] === name;
}

/** `function load<T>`, `load`, `async load`. */
const DECLARED = /([\w$]+)\s*(?:<[^<>()]{0,200}>)?\s*$/;
/** `load = async `, `load: Loader = function `, `load: `. */
const ASSIGNED =
  /([\w$]+)\s*(?::[^=:;(){}]{0,200})?[=:]\s*(?:async\s*)?(?:function\s*)?(?:<[^<>()]{0,200}>)?$/;

const MAX_REST = 300;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,200}$/u;
const CALLED = String.raw`\s*(?:\?\.)?\s*[(<\x60]`;

function callPatterns({ function: name }: RawFrame): RegExp[] {
  const bare = name?.replace(/ \[as [^\]]*\]$/, '').replace(/^(?:async |bound )+/, '') ?? '';
  const isNew = bare.startsWith('new ');
  const word = wordOf(bare.slice(bare.lastIndexOf('.') + 1).replace(/^(?:new|get|set) /, ''));
  if (word === null) return [];
  if (isNew) return [new RegExp(`^new\\s+(?:[\\w$]+\\.)*${word}\\b`), /^super\s*\(/];
  return [new RegExp(`^${word}${CALLED}`), new RegExp(`^await\\b.*\\b${word}${CALLED}`)];
}

function thrownPatterns(thrown: ThrownHint | null): RegExp[] {
  if (thrown === null) return [];
  const type = wordOf(thrown.type);
  const message = thrown.message.slice(0, 500);
  const named =
    /\((?:reading|setting) '([^']+)'\)|(?:^|\.)([\w$]+) is not (?:a function|defined|a constructor)/.exec(
      message,
    );
  const word = wordOf(named?.[1] ?? named?.[2] ?? '');
  return [
    ...(type === null ? [] : [new RegExp(`^(?:new\\s+)?(?:[\\w$]+\\.)*${type}\\s*\\(`)]),
    ...(word === null ? [] : [new RegExp(`^(?:new\\s+)?(?:[\\w$]+\\.)*${word}(?![\\w$])`)]),
  ];
}

function wordOf(name: string): string | null {
  return IDENTIFIER.test(name) ? name.replaceAll('$', '\\$') : null;
}
