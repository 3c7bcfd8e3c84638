import type { ProgramTables } from '../../model/last-words.ts';
import { ByteRange, searchBudget } from './byte-range.ts';
import type { ReadBytes } from './memory-reader.ts';
import { readSections } from './sections.ts';

/** Where names of functions are: as symbols, and in debug information as they are written. */
const NAMES = ['.strtab', '.dynstr', '.debug_str'];
/** Where the files of debug information are. */
const FILES = ['.debug_line_str', '.debug_line', '.debug_str'];
const CONSTANTS = ['.rodata', '.data.rel.ro'];

const MAX_NAME = 2_000;
/** Each missing word costs a search through all names. */
const MAX_MISSING = 500;
/** Occurrences of one word that are looked at. */
const MAX_OCCURRENCES = 2_000;
/** Shorter words are parts of too many others. */
const MIN_UNMEASURED = 3;

/**
 * Names in an executable of Rust. Its symbols are mangled, so a name is there if each of its words is. Files of panics are
 * constants, which `strip` leaves in. Throws BAD_RECORD if the file is damaged.
 */
export function readRustTables(read: ReadBytes): ProgramTables | null {
  const sections = readSections(read);
  const budget = searchBudget();
  const rangesOf = (names: readonly string[]) =>
    sections
      .filter(({ name }) => names.includes(name))
      .map(({ offset, sizeBytes }) => new ByteRange(read, offset, sizeBytes, budget));
  const [names, files, constants] = [NAMES, FILES, CONSTANTS].map(rangesOf) as [
    ByteRange[],
    ByteRange[],
    ByteRange[],
  ];
  if (constants.length === 0) return null;
  const known = new Map<string, boolean>();
  let missing = 0;
  const isKnown = (key: string, find: () => boolean): boolean => {
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    if (missing >= MAX_MISSING) return false;
    const found = find();
    if (!found) missing++;
    known.set(key, found);
    return found;
  };
  return {
    hasFunction: (name) => {
      const words = wordsOf(name);
      return words.length > 0 && words.every((word) => isKnown(`w${word}`, () => hasWord(names, word)));
    },
    hasFile: (file) => {
      const name = file.slice(file.lastIndexOf('/') + 1);
      // Debug information has directories and names apart.
      const isInDebug = () => [`/${name}\0`, `\0${name}\0`].some((text) => includes(files, text));
      return isKnown(`f${file}`, () => includes(constants, file)) || isKnown(`n${name}`, isInDebug);
    },
    hasType: (name) => isKnown(`t${name}`, () => includes(constants, name)),
  };
}

/** The version of the compiler, as in `rustc version 1.95.0 (59807616e 2026-04-14)`; null if it is not there. */
export function readRustVersion(read: ReadBytes): string | null {
  const section = readSections(read).find(({ name }) => name === '.comment');
  if (section === undefined) return null;
  const text = new ByteRange(read, section.offset, Math.min(section.sizeBytes, 64 * 1024), searchBudget());
  const at = text.indexOf(Buffer.from('rustc version '));
  const line = at < 0 ? null : text.textAt(at, 200);
  return (
    /^rustc version (\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[a-z]{1,8}(?:\.\d{1,3})?)?)/.exec(line ?? '')?.[1] ?? null
  );
}

function includes(ranges: readonly ByteRange[], text: string): boolean {
  const bytes = Buffer.from(text);
  return ranges.some((range) => range.indexOf(bytes) >= 0);
}

/** Identifiers of a name, without words of the language. */
function wordsOf(name: string): string[] {
  if (name.length > MAX_NAME) return [];
  const words = name.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [];
  const own = words.filter((word) => !OF_LANGUAGE.has(word));
  return own.length === 0 ? words : own;
}

/** Keywords, types that symbols have one letter for, and what stands for a closure. */
const OF_LANGUAGE = new Set(
  `as dyn mut const impl for unsafe extern fn closure shim vtable self Self Output crate str bool char usize isize u8 u16
  u32 u64 u128 i8 i16 i32 i64 i128 f32 f64`.split(/\s+/),
);

/** With its length before it (both manglings), or between the signs that stand for `::`, `<`, `&` and blanks, or alone. */
function hasWord(ranges: readonly ByteRange[], word: string): boolean {
  const length = Buffer.byteLength(word);
  // The newer mangling separates a length from `_`.
  if (word.startsWith('_') && includes(ranges, `${length}${word}`)) return true;
  const measured = `${length}${word.startsWith('_') ? '_' : ''}${word}`;
  if (includes(ranges, measured)) return true;
  if (length < MIN_UNMEASURED) return includes(ranges, `\0${word}\0`) || includes(ranges, `..${word}$`);
  const bytes = Buffer.from(word);
  return ranges.some((range) => {
    let at = range.indexOf(bytes);
    for (let count = 0; at >= 0 && count < MAX_OCCURRENCES; count++) {
      const before = at === 0 ? '\0' : range.slice(at - 1, 1).toString('latin1');
      const after = range.slice(at + length, 4).toString('latin1');
      if (/[\0.$_]/.test(before) && /^(?:\0|\$|\.\.)/.test(after)) return true;
      // `15Option$LT$T$GT$`
      if (/\d/.test(before) && after === '$LT$') return true;
      at = range.indexOf(bytes, at + length);
    }
    return false;
  });
}
