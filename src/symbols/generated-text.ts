/** A position in the text with its identifier; 1-based. */
export type Token = { text: string; line: number; column: number };

/** Text of a generated file, addressed as in stacks. Every search is bounded: a bundle can be one huge line. */
export class GeneratedText {
  readonly #text: string;
  #lineStarts: number[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** The identifier that is called at a call's position; V8 points at the `new` and `await` before it. */
  tokenAt(position: { line: number; column: number }): Token | null {
    const offset = this.#offsetOf(position);
    if (offset === null) return null;
    const piece = this.#text.slice(offset, offset + MAX_TOKEN);
    const match = /^(?:(?:new|await)\b\s*)*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(piece);
    if (match?.[1] === undefined) return null;
    return this.#tokenOf(match[1], offset + match[0].length - match[1].length);
  }

  /**
   * The nearest declaration of a function or class of this name before the position; with a member, the nearest place
   * where a function is assigned to `name.member`.
   */
  declarationBefore(
    name: string,
    position: { line: number; column: number },
    member: string | null = null,
  ): Token | null {
    const offset = this.#offsetOf(position);
    if (offset === null || name.length > 200) return null;
    const start = Math.max(0, offset - WINDOW);
    // The declaration can end after the position: a class field or a parameter default can throw.
    const window = this.#text.slice(start, offset + name.length + 10);
    let at = window.lastIndexOf(name);
    for (let looked = 0; at >= 0 && looked < MAX_OCCURRENCES; looked++) {
      const before = window.slice(Math.max(0, at - 20), at);
      const after = window.slice(at + name.length, at + name.length + 400);
      if (!IDENTIFIER_END.test(before) && declares(before, after, member)) {
        return this.#tokenOf(name, start + at);
      }
      at = at === 0 ? -1 : window.lastIndexOf(name, at - 1);
    }
    return null;
  }

  #tokenOf(text: string, offset: number): Token {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { text, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  #offsetOf(position: { line: number; column: number }): number | null {
    const start = this.#starts()[position.line - 1];
    return start === undefined || position.column < 1 ? null : start + position.column - 1;
  }

  #starts(): number[] {
    if (this.#lineStarts === null) {
      this.#lineStarts = [0];
      for (let at = this.#text.indexOf('\n'); at >= 0; at = this.#text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }
}

function declares(before: string, after: string, member: string | null): boolean {
  if (member !== null) {
    return after.startsWith(`.${member}`) && ASSIGNS_AFTER.test(after.slice(member.length + 1));
  }
  if (DECLARES_BEFORE.test(before) && /^\s*[({]|^\s+extends\b/.test(after)) return true;
  return !before.endsWith('.') && ASSIGNS_AFTER.test(after);
}

/** Search range for a function's declaration before a position. */
const WINDOW = 64 * 1024;
/** Limits the matches of a one-letter name in hostile text. */
const MAX_OCCURRENCES = 10_000;
const MAX_TOKEN = 256;
const IDENTIFIER_END = /[\p{ID_Continue}$]$/u;
const DECLARES_BEFORE = /\b(?:function\s*\*?|class)\s*$/;
const ASSIGNS_AFTER =
  /^\s*=\s*(?:async\b\s*)?(?:function\b|class\b|\([^()]{0,300}\)\s*=>|[\p{ID_Start}$_][\p{ID_Continue}$]{0,100}\s*=>)/u;
