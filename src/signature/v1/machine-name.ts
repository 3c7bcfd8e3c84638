/**
 * A function of machine code without what compilers, linkers and builds add to its name; null if nothing is left:
 *
 *     app::run<int>(std::vector<int> const&) [clone .cold] → app::run      work.constprop.0 → work
 *     main::{lambda(int)#1}::operator() → main::{lambda}                   app::load::{closure#0} → app::load::{closure}
 *     app::run::h0123456789abcdef → app::run                               __memmove_avx_unaligned_erms → memcpy
 *     <alloc::vec::Vec<T> as core::ops::Drop>::drop → <alloc::vec::Vec as core::ops::Drop>::drop
 */
export function machineFunction(name: string | null): string | null {
  if (name === null) return null;
  const bare = name
    .slice(0, MAX_NAME)
    .replace(/^(?:non-virtual|virtual|covariant return) thunk to /, '')
    .replace(/ \[clone [^\]]{0,60}\]/g, '')
    .replace(/\[abi:\w{1,20}\]/g, '')
    .replace(/@.*$/, '')
    .replace(/(?:::h|17h)[0-9a-f]{16}E?$/, '')
    .replace(COMPILED, '')
    .replace(/\.\d{1,6}$/, '')
    .replace(/'lambda\d{0,3}'|\$_\d{1,4}/g, '{lambda}');
  const folded = withoutArguments(bare)
    .replace(/::(?=::|$)/g, '')
    .replace(/ (?:const|volatile|noexcept)$/, '')
    .replace(/\{(lambda|closure)\}::operator\(\)$/, '{$1}')
    .replace(/(?:::\{closure\})+/g, '::{closure}')
    .replace(/\.func\d+(?:\.\d+)*$/, '.func');
  return libraryFunction(withoutReturnType(folded)) || null;
}

/** An executable or library without its version and build: `libfoo-1.2.so.3.4` → `libfoo.so`. */
export function imageName(image: string): string {
  const file = image.slice(0, 1000).replace(/ \(deleted\)$/, '');
  const base = file.slice(file.lastIndexOf('/') + 1);
  return base
    .replace(/\.so(?:\.\d+)+$/, '.so')
    .replace(/[-.](?:v?\d+(?:\.\d+)+|(?=[a-f]*\d)[0-9a-f]{6,40})(?=\.|$)/g, '')
    .replace(/(?<=\w)-[0-9a-f]{16}$/, '');
}

const MAX_NAME = 500;
const COMPILED =
  /(?:\.(?:cold|part|isra|constprop|lto_priv|llvm|localalias|clone|warm|hot|str|actor|destroy|resume)(?:\.\d{1,20})*)+$/;

/** Arguments of functions and templates go; names that need brackets stay, with what is numbered in them gone. */
function withoutArguments(name: string): string {
  let result = '';
  for (let at = 0; at < name.length; ) {
    OPERATOR.lastIndex = at;
    const operator = OPERATOR.exec(name)?.[0];
    if (operator !== undefined && !/\w$/.test(result)) {
      result += operator;
      at += operator.length;
      continue;
    }
    const character = name[at] as string;
    if (!(character in CLOSING)) {
      result += character;
      at++;
      continue;
    }
    const end = closingOf(name, at);
    result += bracketed(name.slice(at + 1, end), character, result);
    at = end + 1;
  }
  return result;
}

const OPERATOR = /operator(?:\(\)|\[\]|<=>|<<=?|<=?|->\*?|>>=?|>=?)/y;
const CLOSING: Readonly<Record<string, string>> = { '<': '>', '(': ')', '{': '}' };

/** What a bracket and what it holds become, after what stands before it. */
function bracketed(inside: string, open: string, before: string): string {
  if (open === '{') return `{${/^\{*([a-z]+)/.exec(inside)?.[1]?.replace('closure_env', 'closure') ?? ''}}`;
  if (open === '(') {
    if (inside === 'anonymous namespace') return '(anonymous namespace)';
    return before.endsWith('.') && inside.startsWith('*') ? `(${withoutTypes(inside)})` : '';
  }
  const isType = before === '' || (before.endsWith('::') && /^impl\b/.test(inside));
  return isType ? `<${withoutTypes(inside)}>` : '';
}

/** One level is enough for `<Vec<T> as Drop>`: what is deeper is an argument. */
function withoutTypes(text: string): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '<') at = closingOf(text, at);
    else result += text[at];
  }
  return result.replace(/::(?= |$)/g, '');
}

/** The end of the text where a bracket is never closed. */
function closingOf(text: string, from: number): number {
  const open = text[from] as string;
  const close = CLOSING[open];
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++;
    // The arrow of a return type closes nothing.
    else if (text[at] === close && !(close === '>' && text[at - 1] === '-') && --depth === 0) return at;
  }
  return text.length;
}

function withoutReturnType(name: string): string {
  if (name.includes('<') || name.includes('operator') || name.includes('(anonymous')) return name.trim();
  return name.trim().slice(name.trim().lastIndexOf(' ') + 1);
}

/** C libraries have a function several times, for kinds of processors and for their own use. */
function libraryFunction(name: string): string {
  const variant =
    /^_{0,3}([a-z]\w{1,30}?)_(?:avx|sse|ssse|evex|erms|unaligned|generic|ifunc|chk)[a-z\d_]*$/.exec(name);
  const bare = (variant?.[1] ?? name).replace(/^__GI_(?:___|__)?/, '');
  return bare === 'memmove' || bare === '__memcpy' || bare === '__memmove' ? 'memcpy' : bare;
}
