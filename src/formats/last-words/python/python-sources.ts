import type { PrintedCall, Vouchers } from '../../../model/last-words.ts';

/** A line that long was cut: only its start is whole. */
const MAX_LINE = 1_900;
const START = 1_300;

type Source = { text: string; lines: string[]; names: Map<string, boolean> };

/** Compares calls with the source line that Python printed below them. A file is read once. */
export class PythonSources {
  readonly #read: Vouchers['readSource'];
  readonly #files = new Map<string, Source | null>();

  constructor(read: Vouchers['readSource']) {
    this.#read = read;
  }

  /**
   * @param printed the source line below the call; null if there is none
   * @returns false if the source contradicts the call, null if there is none to compare with
   */
  check({ file, line, function: name }: PrintedCall, printed: string | null): boolean | null {
    const source = file === null || line === null ? null : this.#source(file);
    if (source === null || line === null) return null;
    const text = source.lines[line - 1]?.trim() ?? '';
    if (printed === null) return false;
    return isSameLine(text, printed) && (name === null || isDefined(source, name));
  }

  /** Like `check`, for a call that was printed without its source: the line exists, and the function. */
  has({ file, line, function: name }: PrintedCall): boolean | null {
    const source = file === null || line === null ? null : this.#source(file);
    if (source === null || line === null) return null;
    return (source.lines[line - 1]?.trim() ?? '') !== '' && (name === null || isDefined(source, name));
  }

  #source(file: string): Source | null {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const text = file.startsWith('<') ? null : this.#read(file);
    const source = text === null ? null : { text, lines: text.split('\n'), names: new Map() };
    this.#files.set(file, source);
    return source;
  }
}

function isSameLine(text: string, printed: string): boolean {
  const shown = printed.trim();
  if (text === '') return false;
  if (text === shown || escaped(text) === shown) return true;
  return printed.length >= MAX_LINE && text.startsWith(shown.slice(0, START));
}

/** As Python prints it where standard error is ASCII. */
function escaped(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}

/** `<module>`, `<lambda>` and the like have no name. */
function isDefined({ text, names }: Source, name: string): boolean {
  if (/^<\w+>$/.test(name)) return true;
  const known = names.get(name);
  if (known !== undefined) return known;
  const found = ['def ', 'class '].some((keyword) => hasWord(text, keyword + name));
  names.set(name, found);
  return found;
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    if (!/[\p{L}\p{N}_]/u.test(text[at + word.length] ?? '')) return true;
  }
  return false;
}
