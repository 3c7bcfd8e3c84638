import { publicFile } from './public-file.ts';

/**
 * The name of a function of machine code, as compilers' demanglers spell it; null for anything else. Such names are
 * fixed when the program is built, unlike JavaScript's; still only what is built like one passes:
 *
 *     app::Cart<app::Order>::sum     std::function<int (int)>::operator()     main::{lambda(int)#1}::operator()
 *     <alloc::vec::Vec<T> as core::ops::Drop>::drop     memcpy@plt     work.constprop.0     (anonymous namespace)::f
 */
export function publicNativeFunction(name: string): string | null {
  return name.length <= MAX_NAME && isNativeName(name) ? name : null;
}

/**
 * The part of a source file's name, as debug information has it, that may leave the instance: relative to the app's
 * root, of a Rust crate from the crate's name on, else the name of the file without its directories.
 */
export function publicNativeSource(file: string, appRoot: string): string | null {
  if (file.length > MAX_PATH) return null;
  const library = RUST_LIBRARY.exec(file)?.[1] ?? CARGO_CRATE.exec(file)?.[1];
  if (library !== undefined) return library;
  const known = publicFile(file, appRoot);
  if (known !== OUTSIDE || file.includes('?') || file.includes('#')) return known;
  const name = file.slice(file.lastIndexOf('/') + 1);
  return SOURCE.test(name) ? `${OUTSIDE}/${name}` : OUTSIDE;
}

/** An executable's or a library's file name: relative to the app's root, else without directories. */
export function publicImage(image: string, appRoot: string): string | null {
  if (image.length > MAX_PATH) return null;
  if (image === '[vdso]') return image;
  if (CHOSEN.test(image)) return null;
  const path = image.replace(/ \(deleted\)$/, '');
  const relative = appRoot === '' ? null : publicFile(path, appRoot);
  if (relative !== null && !relative.startsWith(OUTSIDE) && IMAGE_PATH.test(relative)) return relative;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return IMAGE.test(name) && !ADDRESS.test(name) ? name : null;
}

const MAX_NAME = 500;
const MAX_PATH = 4096;
const OUTSIDE = '…';
/** Memory that a program named while it ran, in any way. */
const CHOSEN = /^(?:\/memfd:|\/dev\/shm\/|\/SYSV|\/\[|\[)/;
const IMAGE = /^[\w.+~@-]{1,100}$/;
/** What stands where a tool knew no name. */
const ADDRESS = /^(?:0x)?[0-9a-f]{9,}$/i;
const IMAGE_PATH = /^[\w.+~@/-]{1,300}$/;
const SOURCE =
  /^[\w.+~@-]{1,100}\.(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inc|inl|ipp|tcc|tpp|m|mm|s|S|asm|rs|go|zig|d|f90|pas|swift)$|^(?:bits\/)?stl_\w{1,40}$/;
const RUST_LIBRARY = /^\/rustc\/[0-9a-f]{40}\/(library\/[\w/.-]{1,200}\.rs)$/;
const CARGO_CRATE =
  /\/\.cargo\/registry\/src\/[\w.-]{1,100}\/([a-z0-9_-]{1,80}-\d[\w.+-]{0,40}\/[\w/.-]{1,200}\.rs)$/i;

/** One pass over the tokens; a blank needs a reason on one of its sides. */
function isNativeName(name: string): boolean {
  if (name === '' || CONTROL.test(name) || ADDRESS.test(name)) return false;
  const tokens = name.replace(PREFIX, '').replace(SUFFIX, '').match(TOKEN) ?? [];
  if (tokens.join('').length !== name.replace(PREFIX, '').replace(SUFFIX, '').length) return false;
  // A number alone is an address without a name.
  if (!tokens.some((token) => IDENTIFIER.test(token))) return false;
  const open: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1] ?? '';
    if (token === ' ' && !isReasonForBlank(before, tokens[index + 1] ?? '', open.length > 0)) return false;
    const closing = BRACKETS[token];
    if (closing !== undefined) open.push(closing);
    else if (CLOSING.has(token) && open.pop() !== token) return false;
  }
  return open.length === 0;
}

function isReasonForBlank(before: string, after: string, nested: boolean): boolean {
  if (before.startsWith('operator') && after === '<') return true;
  if (WORDS.has(before)) return nested || !QUALIFIERS.has(before);
  return nested && (WORDS.has(after) || AFTER.has(before) || BEFORE.has(after));
}

const BRACKETS: Readonly<Record<string, string>> = { '<': '>', '(': ')', '[': ']', '{': '}' };
const CLOSING: ReadonlySet<string> = new Set(Object.values(BRACKETS));
/** Punctuation that a blank follows, and that follows a blank, inside brackets. */
const AFTER: ReadonlySet<string> = new Set(['>', ',', ';', '->', '+', '=', ':', '*', '&']);
const BEFORE: ReadonlySet<string> = new Set(['->', '+', '=', '(', '[', '>']);
const QUALIFIERS: ReadonlySet<string> = new Set(['const', 'volatile', 'noexcept']);
const WORDS: ReadonlySet<string> = new Set(
  (
    'const volatile noexcept unsigned signed long short int char bool double float wchar_t void auto __int128 ' +
    'as dyn mut for impl where unsafe extern fn struct enum union class typename operator new delete co_await'
  ).split(' '),
);
const PREFIX =
  /^(?:(?:non-virtual|virtual|covariant return) thunk to |(?:vtable|VTT|typeinfo|typeinfo name|guard variable|construction vtable|TLS init function|TLS wrapper function|reference temporary #\d{1,3}) for )/;
const SUFFIX = /(?: const| volatile|(?<=\)) &&?| \[clone [\w.]{1,60}\]){1,4}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const IDENTIFIER = /^[\p{ID_Start}$_]|^\(anonymous|^\{unnamed/u;
const TOKEN = new RegExp(
  [
    String.raw`operator(?:\(\)|\[\]|<=>|->\*?|<<=?|>>=?|<=?|>=?|&&|\|\||,|(?:[-+*/%^&|~!=]{1,2}))(?![-+*/%^|~!=])`,
    String.raw`operator"" ?\w+`,
    String.raw`\(anonymous namespace\)`,
    String.raw`\{unnamed (?:type|enum|union|struct|class)?#\d{1,5}\}`,
    String.raw`\{default arg#\d{1,5}\}`,
    String.raw`'(?:lambda|unnamed)\d{0,4}'|'_?[a-z]\d{0,3}(?![\p{ID_Continue}$'])|'_'|"(?:C|system|Rust)(?:-[a-z]{1,12}){0,2}"|<…>`,
    String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`,
    // Numbers are template arguments; eleven digits are no card.
    String.raw`-?0x[0-9a-f]{1,16}(?![\p{ID_Continue}$])|-?\d{1,11}(?:u?l{0,2}|[iu](?:8|16|32|64|128|size))(?![\p{ID_Continue}$])`,
    String.raw`->|::|\.\.\.|[.:,;*&~!#@+=<>()[\]{}|?/ -]`,
  ].join('|'),
  'gu',
);
