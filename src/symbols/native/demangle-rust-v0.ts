import { decodePunycode } from './punycode.ts';

/**
 * Demangles a Rust v0 symbol (RFC 2603, `_RNvCs…_4shop4main` → `shop::main`) in the short form of `rustc-demangle`:
 * no crate hashes, no types of constants. Null for what is no such symbol, or would become too long or too deep.
 */
export function demangleRustV0(symbol: string): string | null {
  const mangled = /^_?_R([A-Z][A-Za-z0-9_]*)(?:[.$@].*)?$/s.exec(
    symbol.length > MAX_INPUT ? '' : symbol,
  )?.[1];
  if (mangled === undefined) return null;
  try {
    const reader = new Reader(mangled);
    reader.path(true);
    // What follows is the crate that made the instance of a generic.
    return reader.text;
  } catch (error) {
    if (error === MALFORMED) return null;
    throw error;
  }
}

const MAX_INPUT = 16 * 1024;
const MAX_OUTPUT = 8 * 1024;
const MAX_DEPTH = 300;
const MAX_STEPS = 20_000;
const MALFORMED = Symbol('malformed symbol');

const BASIC_TYPES: Readonly<Record<string, string>> = {
  ...{ a: 'i8', b: 'bool', c: 'char', d: 'f64', e: 'str', f: 'f32', h: 'u8', i: 'isize', j: 'usize' },
  ...{ l: 'i32', m: 'u32', n: 'i128', o: 'u128', p: '_', s: 'i16', t: 'u16', u: '()', v: '...' },
  ...{ x: 'i64', y: 'u64', z: '!' },
};

class Reader {
  readonly #input: string;
  #at = 0;
  #text = '';
  #steps = 0;
  #depth = 0;
  #boundLifetimes = 0;
  /** Parts that are read over without being told: the path of an `impl` block. */
  #silent = 0;

  constructor(input: string) {
    this.#input = input;
  }

  get text(): string {
    return this.#text;
  }

  /** `inValue`: generic arguments come after `::`. */
  path(inValue: boolean): void {
    this.#nested(() => this.#path(inValue));
  }

  #path(inValue: boolean): void {
    const tag = this.#next();
    if (tag === 'C') {
      this.#disambiguator();
      this.#print(this.#identifier().name);
    } else if (tag === 'N') {
      this.#nestedPath(inValue);
    } else if (tag === 'M' || tag === 'X' || tag === 'Y') {
      if (tag !== 'Y') this.#implPath();
      this.#print('<');
      this.#type();
      if (tag !== 'M') {
        this.#print(' as ');
        this.path(false);
      }
      this.#print('>');
    } else if (tag === 'I') {
      this.path(inValue);
      this.#print(inValue ? '::<' : '<');
      this.#list(() => this.#genericArgument());
      this.#print('>');
    } else if (tag === 'B') {
      this.#backReference(() => this.path(inValue));
    } else throw MALFORMED;
  }

  #nestedPath(inValue: boolean): void {
    const namespace = this.#next();
    this.path(inValue);
    const disambiguator = this.#disambiguator();
    const { name } = this.#identifier();
    if (/[A-Z]/.test(namespace)) {
      const kind = namespace === 'C' ? 'closure' : namespace === 'S' ? 'shim' : namespace;
      this.#print(`::{${kind}${name === '' ? '' : `:${name}`}#${disambiguator}}`);
    } else if (!/[a-z]/.test(namespace)) throw MALFORMED;
    else if (name !== '') this.#print(`::${name}`);
  }

  #implPath(): void {
    this.#disambiguator();
    this.#silent++;
    this.path(false);
    this.#silent--;
  }

  #genericArgument(): void {
    if (this.#take('L')) this.#lifetime();
    else if (this.#take('K')) this.#constant(false);
    else this.#type();
  }

  #type(): void {
    this.#nested(() => this.#typeOf(this.#next()));
  }

  #typeOf(tag: string): void {
    const basic = BASIC_TYPES[tag];
    if (basic !== undefined) this.#print(basic);
    else if (tag === 'R' || tag === 'Q') {
      this.#print('&');
      if (this.#take('L')) {
        const before = this.#text;
        this.#lifetime();
        if (this.#text !== before) this.#print(' ');
      }
      if (tag === 'Q') this.#print('mut ');
      this.#type();
    } else if (tag === 'P' || tag === 'O') {
      this.#print(tag === 'P' ? '*const ' : '*mut ');
      this.#type();
    } else if (tag === 'A' || tag === 'S') {
      this.#print('[');
      this.#type();
      if (tag === 'A') {
        this.#print('; ');
        this.#constant(true);
      }
      this.#print(']');
    } else if (tag === 'T') {
      this.#print('(');
      const count = this.#list(() => this.#type());
      this.#print(count === 1 ? ',)' : ')');
    } else if (tag === 'F') this.#binder(() => this.#functionType());
    else if (tag === 'D') {
      this.#print('dyn ');
      this.#binder(() => this.#list(() => this.#dynTrait(), ' + '));
      if (!this.#take('L')) throw MALFORMED;
      const before = this.#text.length;
      this.#print(' + ');
      const separated = this.#text.length;
      this.#lifetime();
      if (this.#text.length === separated) this.#text = this.#text.slice(0, before);
    } else if (tag === 'B') this.#backReference(() => this.#type());
    else if (tag === 'W') {
      // Pattern types (`NonZero`) print as what they restrict.
      this.#type();
      this.#silent++;
      this.#pattern();
      this.#silent--;
    } else {
      this.#at--;
      this.path(false);
    }
  }

  #pattern(): void {
    const tag = this.#next();
    if (tag === 'R') {
      this.#constant(true);
      this.#constant(true);
    } else if (tag === 'O') this.#list(() => this.#pattern());
    else if (tag !== 'N') throw MALFORMED;
  }

  #functionType(): void {
    if (this.#take('U')) this.#print('unsafe ');
    if (this.#take('K')) {
      const abi = this.#take('C') ? 'C' : this.#identifier().name.replaceAll('_', '-');
      this.#print(`extern "${abi}" `);
    }
    this.#print('fn(');
    this.#list(() => this.#type());
    this.#print(')');
    if (this.#take('u')) return;
    this.#print(' -> ');
    this.#type();
  }

  #dynTrait(): void {
    const isOpen = this.#pathLeftOpen();
    let open = isOpen;
    while (this.#take('p')) {
      this.#print(open ? ', ' : '<');
      open = true;
      this.#print(`${this.#identifier().name} = `);
      this.#type();
    }
    if (open) this.#print('>');
  }

  /** A trait's path whose generic arguments may go on with associated types; true when `<` is still open. */
  #pathLeftOpen(): boolean {
    if (this.#take('B')) return this.#backReference(() => this.#pathLeftOpen());
    if (!this.#take('I')) {
      this.path(false);
      return false;
    }
    this.path(false);
    this.#print('<');
    this.#list(() => this.#genericArgument());
    return true;
  }

  #binder(print: () => void): void {
    const count = this.#take('G') ? this.#number62() + 1 : 0;
    if (count > 26) throw MALFORMED;
    if (count > 0) {
      this.#print('for<');
      for (let n = 0; n < count; n++) {
        this.#boundLifetimes++;
        this.#print(n === 0 ? '' : ', ');
        this.#printLifetime(1);
      }
      this.#print('> ');
    }
    print();
    this.#boundLifetimes -= count;
  }

  #lifetime(): void {
    this.#printLifetime(this.#number62());
  }

  #printLifetime(index: number): void {
    if (index === 0) return;
    const depth = this.#boundLifetimes - index;
    if (depth < 0) throw MALFORMED;
    this.#print(depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`);
  }

  /** `inside`: of an array's length or a compound, where braces are not needed. */
  #constant(inside: boolean): void {
    this.#nested(() => this.#constantOf(this.#next(), inside));
  }

  #constantOf(tag: string, inside: boolean): void {
    if (tag === 'p') this.#print('_');
    else if (tag === 'B') this.#backReference(() => this.#constant(inside));
    else if ('hjmotyabilnsx'.includes(tag)) {
      if (tag === 'b') {
        const digits = this.#hexadecimal();
        this.#print(digits === '0' ? 'false' : digits === '1' ? 'true' : '_');
        return;
      }
      const sign = 'ailnsx'.includes(tag) && this.#take('n') ? '-' : '';
      const digits = this.#hexadecimal();
      this.#print(sign + (digits.length <= 16 ? BigInt(`0x${digits}`).toString() : `0x${digits}`));
    } else if (tag === 'c') {
      this.#hexadecimal();
      this.#print("'_'");
    } else if ('eRQATV'.includes(tag)) {
      // Texts and compounds are values, and values are left out.
      this.#print(inside ? '_' : '{_}');
      this.#silent++;
      this.#compound(tag);
      this.#silent--;
    } else throw MALFORMED;
  }

  #compound(tag: string): void {
    if (tag === 'e') this.#hexadecimal();
    else if (tag === 'R' || tag === 'Q') this.#constant(true);
    else if (tag === 'A' || tag === 'T') this.#list(() => this.#constant(true));
    else {
      const kind = this.#next();
      this.path(true);
      if (kind === 'T') this.#list(() => this.#constant(true));
      else if (kind === 'S') {
        this.#list(() => {
          this.#disambiguator();
          this.#identifier();
          this.#constant(true);
        });
      } else if (kind !== 'U') throw MALFORMED;
    }
  }

  #hexadecimal(): string {
    const end = this.#input.indexOf('_', this.#at);
    const digits = end < 0 ? '' : this.#input.slice(this.#at, end);
    if (end < 0 || !/^[0-9a-f]*$/.test(digits)) throw MALFORMED;
    this.#at = end + 1;
    return digits === '' ? '0' : digits;
  }

  #list(item: () => void, separator = ', '): number {
    let count = 0;
    while (!this.#take('E')) {
      if (count++ > 0) this.#print(separator);
      item();
    }
    return count;
  }

  /** Positions count from behind `_R`. */
  #backReference<T>(read: () => T): T {
    const start = this.#at - 1;
    const target = this.#number62();
    if (target >= start) throw MALFORMED;
    const back = this.#at;
    this.#at = target;
    const result = this.#nested(read);
    this.#at = back;
    return result;
  }

  #disambiguator(): number {
    return this.#take('s') ? this.#number62() + 1 : 0;
  }

  #identifier(): { name: string } {
    const isPunycode = this.#take('u');
    const digits = /^(?:0|[1-9]\d{0,4})/.exec(this.#input.slice(this.#at, this.#at + 5))?.[0];
    if (digits === undefined) throw MALFORMED;
    this.#at += digits.length;
    this.#take('_');
    const end = this.#at + Number(digits);
    if (end > this.#input.length) throw MALFORMED;
    const text = this.#input.slice(this.#at, end);
    this.#at = end;
    const name = isPunycode ? decodePunycode(text.replace(/_(?=[^_]*$)/, '-')) : text;
    if (name === null) throw MALFORMED;
    return { name };
  }

  /** `_` is 0, `0_` is 1. Hashes of crates lose their last bits here, which nobody reads. */
  #number62(): number {
    if (this.#take('_')) return 0;
    let value = 0;
    for (let digit = this.#next(); digit !== '_'; digit = this.#next()) {
      const index = DIGITS.indexOf(digit);
      value = value * 62 + index;
      if (index < 0) throw MALFORMED;
    }
    return value + 1;
  }

  #next(): string {
    const character = this.#input[this.#at++];
    if (character === undefined) throw MALFORMED;
    return character;
  }

  #take(character: string): boolean {
    if (this.#input[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #print(text: string): void {
    if (this.#silent > 0) return;
    this.#text += text;
    if (this.#text.length > MAX_OUTPUT) throw MALFORMED;
  }

  /** References back can double the work with every level. */
  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) throw MALFORMED;
    const result = read();
    this.#depth--;
    return result;
  }
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
