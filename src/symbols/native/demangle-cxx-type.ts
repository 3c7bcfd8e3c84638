/**
 * The name of a C++ type from how its `type_info` spells it (Itanium C++ ABI, 5.1: `<type>`), null for what is beyond
 * the names of classes, their template arguments and built-in types: a wrong name would be worse than none.
 */
export function demangleCxxType(mangled: string): string | null {
  if (mangled.length > MAX_LENGTH) return null;
  try {
    const reader = new TypeReader(mangled);
    const name = reader.type(0);
    return reader.isAtEnd && name.length <= MAX_LENGTH ? name : null;
  } catch {
    return null;
  }
}

const MAX_LENGTH = 1000;
const MAX_DEPTH = 32;
const BUILTINS: Readonly<Record<string, string>> = {
  v: 'void',
  w: 'wchar_t',
  b: 'bool',
  c: 'char',
  a: 'signed char',
  h: 'unsigned char',
  s: 'short',
  t: 'unsigned short',
  i: 'int',
  j: 'unsigned int',
  l: 'long',
  m: 'unsigned long',
  x: 'long long',
  y: 'unsigned long long',
  n: '__int128',
  o: 'unsigned __int128',
  f: 'float',
  d: 'double',
  e: 'long double',
};
const STANDARD: Readonly<Record<string, string>> = {
  St: 'std',
  Sa: 'std::allocator',
  Sb: 'std::basic_string',
  Ss: 'std::string',
  Si: 'std::istream',
  So: 'std::ostream',
  Sd: 'std::iostream',
};
const QUALIFIERS: Readonly<Record<string, string>> = { P: '*', R: '&', O: '&&', K: ' const', V: ' volatile' };

class TypeReader {
  readonly #text: string;
  /** What `S_`, `S0_`, … stand for, in the order in which it came. */
  readonly #seen: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  type(depth: number): string {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deep');
    const next = this.#peek();
    const suffix = QUALIFIERS[next];
    if (suffix !== undefined) {
      this.#at += 1;
      return this.#remember(this.type(depth + 1) + suffix);
    }
    const builtin = BUILTINS[next];
    if (builtin !== undefined) {
      this.#at += 1;
      return builtin;
    }
    if (next === 'N') return this.#nested(depth);
    const whole = this.#prefix();
    if (whole.known) return this.#withArguments(whole.name, depth);
    const name = whole.name === 'std' ? `std::${this.#sourceName()}` : whole.name;
    return this.#withArguments(name === 'std::string' ? name : this.#remember(name), depth);
  }

  #nested(depth: number): string {
    this.#at += 1;
    let name = '';
    while (this.#peek() !== 'E') {
      if (this.#peek() === 'I') {
        name = this.#remember(name + this.#arguments(depth));
        continue;
      }
      const { name: part, known } = this.#prefix();
      name = name === '' ? part : `${name}::${part}`;
      if (!known && name !== 'std') this.#remember(name);
    }
    this.#at += 1;
    if (name === '') throw new SyntaxError('empty name');
    return name;
  }

  /** A name, or what stands for one; `known` where it needs not be remembered. */
  #prefix(): { name: string; known: boolean } {
    if (this.#peek() !== 'S') return { name: this.#sourceName(), known: false };
    const standard = STANDARD[this.#text.slice(this.#at, this.#at + 2)];
    if (standard !== undefined) {
      this.#at += 2;
      return { name: standard, known: standard !== 'std' };
    }
    const [all, number] = this.#match(/S([0-9A-Z]{0,3})_/y);
    this.#at += all.length;
    const index = number === '' ? 0 : Number.parseInt(number ?? '', 36) + 1;
    const name = this.#seen[index];
    if (name === undefined) throw new SyntaxError('unknown substitution');
    return { name, known: true };
  }

  #withArguments(name: string, depth: number): string {
    return this.#peek() === 'I' ? this.#remember(name + this.#arguments(depth)) : name;
  }

  #arguments(depth: number): string {
    this.#at += 1;
    const args: string[] = [];
    while (this.#peek() !== 'E') args.push(this.#peek() === 'L' ? this.#literal() : this.type(depth + 1));
    this.#at += 1;
    return `<${args.join(', ')}>`;
  }

  #literal(): string {
    const [all, type, value = ''] = this.#match(/L([a-z])(n?\d{1,11})E/y);
    this.#at += all.length;
    if (type === 'b') return value === '0' ? 'false' : 'true';
    return value.replace('n', '-');
  }

  #sourceName(): string {
    const [digits] = this.#match(/[1-9]\d{0,2}/y);
    const start = this.#at + digits.length;
    const name = this.#text.slice(start, start + Number(digits));
    if (name.length < Number(digits) || !/^[A-Za-z_$][\w$.]*$/.test(name)) throw new SyntaxError('no name');
    this.#at = start + name.length;
    // How GCC and Clang call namespaces without a name.
    return name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name;
  }

  #remember(name: string): string {
    if (this.#seen.length < MAX_LENGTH) this.#seen.push(name);
    if (name.length > MAX_LENGTH) throw new RangeError('too long');
    return name;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw new SyntaxError('not a type');
    return found;
  }
}
