import type { PrintedCall, VouchedCall, Vouchers } from '../../model/last-words.ts';

/** How a language's calls are found in its sources. */
export type SourceRules = {
  /** Its first group is a name that the file defines. Global; linear. */
  definitions: RegExp;
  /** The name to look for; null if the place says enough, as for a file's own code. */
  definedName: (printed: string) => string | null;
  /** The place is that of the caller, as for functions of the runtime: the name stands in this code, outside strings. */
  isCalledOn: (name: string, code: string) => boolean;
};

const NEAR = 3;
/** Longer lines are not written by people. */
const MAX_LINE = 2_000;

type Source = { lines: string[]; names: ReadonlySet<string> };

/** Compares calls with sources on disk; a file is read once. */
export class SourceVoucher {
  readonly #read: Vouchers['readSource'];
  readonly #rules: SourceRules;
  readonly #sources = new Map<string, Source | null>();

  constructor(read: Vouchers['readSource'], rules: SourceRules) {
    this.#read = read;
    this.#rules = rules;
  }

  /** @returns false if the source contradicts the call, null if there is none */
  check({ file, line, function: printed }: PrintedCall): boolean | null {
    const source = file === null ? null : this.#sourceOf(file);
    if (source === null || line === null) return null;
    const text = source.lines[line - 1];
    if (text === undefined) return false;
    const name = printed === null ? null : this.#rules.definedName(printed);
    if (name === null || source.names.has(name)) return true;
    // A call can have several lines.
    const around = source.lines.slice(Math.max(0, line - 1 - NEAR), line + NEAR);
    return [text, ...around].some((code) => this.#rules.isCalledOn(name, code.slice(0, MAX_LINE)));
  }

  /** One line of a source; null if it cannot be read. */
  lineOf(file: string, line: number): string | null {
    return this.#sourceOf(file)?.lines[line - 1] ?? null;
  }

  #sourceOf(file: string): Source | null {
    const known = this.#sources.get(file);
    if (known !== undefined) return known;
    const text = this.#read(file);
    const source = text === null ? null : { lines: text.split('\n'), names: this.#namesIn(text) };
    this.#sources.set(file, source);
    return source;
  }

  #namesIn(text: string): Set<string> {
    return new Set(Array.from(text.matchAll(this.#rules.definitions), ([, name = '']) => name));
  }
}

/** Calls that may be believed, and the numbers of those that contradict their source, and that nothing vouches for. */
export type Believed = { calls: VouchedCall[]; refuted: number; ambiguous: number };

/**
 * Leaves out calls that contradict their source, and with `strict` also those that nothing vouches for: lines of a
 * message can look like them.
 */
export function believed(
  calls: readonly PrintedCall[],
  check: (call: PrintedCall) => boolean | null,
  strict = false,
): Believed {
  const kept: VouchedCall[] = [];
  let [refuted, ambiguous] = [0, 0];
  for (const call of calls) {
    const vouched = check(call);
    if (vouched === false) refuted++;
    else if (vouched === null && strict) ambiguous++;
    else kept.push({ ...call, vouched });
  }
  return { calls: kept, refuted, ambiguous };
}
