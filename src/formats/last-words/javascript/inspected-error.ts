import type { PrintedError } from '../../../model/last-words.ts';
import { printedType } from './printed-type.ts';
import { scriptCall, type VouchScripts } from './script-calls.ts';

/** The properties that Node prints below the calls of an error, as `util.inspect` does. */
export type Inspected = {
  /** The line that ends with their brace: the last call, or the error's own line; the last line without properties. */
  opener: number;
  code: string | null;
  causes: PrintedError[];
  members: PrintedError[];
  /** Lines of the first cause's calls, without indentation. */
  firstCause: string[];
};

const MAX_LINES = 4_000;
const MAX_DEPTH = 8;
const MAX_MEMBERS = 10;

/** Reads the properties that end above a line; only codes, causes and members are looked at. */
export function readInspected(
  lines: readonly string[],
  floor: number,
  end: number,
  vouch: VouchScripts,
): Inspected {
  const none = { opener: end - 1, code: null, causes: [], members: [], firstCause: [] };
  if (lines[end - 1] !== '}') return none;
  let opener = end - 2;
  const first = Math.max(floor, end - MAX_LINES);
  while (opener >= first && !isOpener(lines[opener] ?? '')) opener--;
  if (opener < first) return none;
  const reader = new PropertyReader(lines.slice(opener + 1, end - 1), vouch);
  return { opener, ...reader.read(0, reader.length, 2, 0) };
}

function isOpener(line: string): boolean {
  return line.endsWith(' {') && (/^ {4}at /.test(line) || /^[^ ]/.test(line));
}

type Properties = Omit<Inspected, 'opener'>;

class PropertyReader {
  readonly #lines: readonly string[];
  readonly #vouch: VouchScripts;

  constructor(lines: readonly string[], vouch: VouchScripts) {
    this.#lines = lines;
    this.#vouch = vouch;
  }

  get length(): number {
    return this.#lines.length;
  }

  /** Properties that are indented by so many spaces. */
  read(from: number, to: number, indent: number, depth: number): Properties {
    const found: Properties = { code: null, causes: [], members: [], firstCause: [] };
    const margin = ' '.repeat(indent);
    for (let at = from; at < to; at++) {
      const line = this.#lines[at] ?? '';
      if (!line.startsWith(margin) || line[indent] === ' ') continue;
      const text = line.slice(indent);
      found.code ??= CODE.exec(text)?.[1] ?? null;
      if (text.startsWith('[cause]: ') && depth < MAX_DEPTH && found.causes.length === 0) {
        const end = this.#endOf(at, to, indent);
        const { error, causes, calls } = this.#error(at, end, indent, text.slice(9), depth);
        found.causes.push(error, ...causes);
        found.firstCause.push(...calls);
        at = end - 1;
      } else if (/^(?:\[errors\]|errors): \[$/.test(text) && depth < MAX_DEPTH) {
        const end = this.#endOf(at, to, indent);
        found.members.push(...this.#members(at + 1, end, indent + 2, depth));
        at = end - 1;
      }
    }
    return found;
  }

  #members(from: number, to: number, indent: number, depth: number): PrintedError[] {
    const members: PrintedError[] = [];
    for (let at = from; at < to && members.length < MAX_MEMBERS; at++) {
      const line = this.#lines[at] ?? '';
      if (!line.startsWith(' '.repeat(indent)) || /[ }\]]/.test(line[indent] ?? ' ')) continue;
      const end = this.#endOf(at, to, indent);
      const { error, causes } = this.#error(at, end, indent, line.slice(indent), depth);
      members.push(error, ...causes);
      at = end - 1;
    }
    return members;
  }

  /** The line after all that is indented by more, and after a closing bracket. */
  #endOf(at: number, to: number, indent: number): number {
    let end = at + 1;
    while (end < to && this.#isInside(this.#lines[end] ?? '', indent)) end++;
    return end;
  }

  #isInside(line: string, indent: number): boolean {
    return line === '' || /^[\]}]/.test(line.slice(indent)) || line.startsWith(' '.repeat(indent + 1));
  }

  #error(
    from: number,
    to: number,
    indent: number,
    header: string,
    depth: number,
  ): { error: PrintedError; causes: PrintedError[]; calls: string[] } {
    const lines = this.#lines.slice(from + 1, to);
    // The calls stand in one piece, above the properties: what looks like one further up is part of the message.
    const opener = lines.findIndex((line) => line.endsWith(' {') && scriptCall(line, indent + 4) !== null);
    const isCall = (line: string) => scriptCall(line, indent + 4) !== null;
    const last = opener >= 0 ? opener : lines.findLastIndex(isCall);
    let first = last + 1;
    while (first > 0 && isCall(lines[first - 1] ?? '')) first--;
    const calls = lines.slice(first, last + 1);
    const printed = calls.flatMap((line) => scriptCall(line, indent + 4) ?? []);
    const inner = opener < 0 ? null : this.read(from + 1 + opener + 1, to, indent + 2, depth + 1);
    const { type, code } = printedType(header.replace(/,$/, ''), true);
    const vouched = this.#vouch(printed);
    const isError = printed.length > 0 || header.startsWith('[');
    return {
      error: {
        ...{
          type: isError ? this.#vouch.type(type) : null,
          code: isError ? (inner?.code ?? code) : null,
          ...vouched,
        },
        ...{ members: inner?.members ?? [], cut: 0 },
      },
      causes: inner?.causes ?? [],
      calls: calls.map((line) => line.slice(indent + 4)),
    };
  }
}

const CODE = /^code: '([A-Z][A-Z0-9_]{1,63})',?$/;
const MARKER = /^ {4}\.\.\. (\d{1,4}) lines matching cause stack trace \.\.\.$/;

/** Calls, with those that Node leaves out because the cause below has the same ones. */
export function withoutMarkers(lines: readonly string[], cause: readonly string[]): string[] {
  return lines.flatMap((line, at) => {
    const count = Number(MARKER.exec(line)?.[1] ?? -1);
    if (count < 0) return [line];
    const before = lines[at - 1]?.trimStart() ?? '';
    const found = cause.indexOf(before);
    return found < 0 ? [] : cause.slice(found + 1, found + 1 + count).map((text) => `    ${text}`);
  });
}
