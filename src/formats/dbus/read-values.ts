/** Containers in containers; the specification allows 64. */
const MAX_DEPTH = 64;

/**
 * Reads values in D-Bus's wire format (D-Bus Specification, "Marshaling (Wire Format)"), of little-endian messages. Numbers
 * of 64 bits are rounded, bytes of `ay` are a view, a variant is its value, a dictionary an object.
 * Written for an agent without compilers: a view's methods take a fraction of a Buffer's.
 */
export class DbusValues {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at: number;

  /** @param bytes from the beginning of the message */
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  /**
   * All values of a signature.
   * @param wanted of dictionaries; the values of other keys are passed over. Absent: all
   * @throws RangeError for what no sender can have meant
   */
  read(signature: string, wanted?: ReadonlySet<string>): unknown[] {
    const values: unknown[] = [];
    for (let at = 0; at < signature.length; ) {
      const end = endOfType(signature, at);
      values.push(this.#value(signature.slice(at, end), wanted, 0));
      at = end;
    }
    return values;
  }

  #value(type: string, wanted: ReadonlySet<string> | undefined, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new RangeError('too deep');
    const code = type.charAt(0);
    switch (code) {
      case 's':
      case 'o':
        return this.#text(this.#number('u'));
      case 'g':
        return this.#text(this.#number('y'));
      case 'b':
        return this.#number('u') !== 0;
      case 'v':
        return this.#value(this.#text(this.#number('y')), wanted, depth + 1);
      case '(':
        this.#align('(');
        return typesOf(type.slice(1, -1)).map((one) => this.#value(one, wanted, depth + 1));
      case 'a':
        return this.#array(type.slice(1), wanted, depth);
      default:
        return this.#number(code);
    }
  }

  #array(element: string, wanted: ReadonlySet<string> | undefined, depth: number): unknown {
    const end = this.#enterArray(element);
    if (element === 'y') {
      const bytes = this.#bytes.subarray(this.#at, end);
      this.#at = end;
      return bytes;
    }
    if (!element.startsWith('{')) {
      const values: unknown[] = [];
      while (this.#at < end) values.push(this.#value(element, wanted, depth + 1));
      return values;
    }
    const [key = '', value = ''] = typesOf(element.slice(1, -1));
    const entries: [string, unknown][] = [];
    while (this.#at < end) {
      this.#align('{');
      const name = String(this.#value(key, wanted, depth + 1));
      if (wanted === undefined || wanted.has(name))
        entries.push([name, this.#value(value, wanted, depth + 1)]);
      else this.#skip(value, depth + 1);
    }
    return Object.fromEntries(entries);
  }

  #skip(type: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new RangeError('too deep');
    const code = type.charAt(0);
    switch (code) {
      case 's':
      case 'o':
        this.#advance(this.#number('u') + 1);
        break;
      case 'g':
        this.#advance(this.#number('y') + 1);
        break;
      case 'v':
        this.#skip(this.#text(this.#number('y')), depth + 1);
        break;
      case '(':
        this.#align('(');
        for (const one of typesOf(type.slice(1, -1))) this.#skip(one, depth + 1);
        break;
      case 'a':
        this.#at = this.#enterArray(type.slice(1));
        break;
      default:
        this.#number(code);
    }
  }

  /** @returns where it ends */
  #enterArray(element: string): number {
    const length = this.#number('u');
    this.#align(element.charAt(0));
    if (length > this.#bytes.length - this.#at) throw new RangeError('the array ends after the message');
    return this.#at + length;
  }

  #number(code: string): number {
    const view = this.#view;
    switch (code) {
      case 'u':
      case 'b':
      case 'h':
        return view.getUint32(this.#take(4), true);
      case 'i':
        return view.getInt32(this.#take(4), true);
      case 't':
        return Number(view.getBigUint64(this.#take(8), true));
      case 'x':
        return Number(view.getBigInt64(this.#take(8), true));
      case 'y':
        return view.getUint8(this.#take(1));
      case 'q':
        return view.getUint16(this.#take(2), true);
      case 'n':
        return view.getInt16(this.#take(2), true);
      case 'd':
        return view.getFloat64(this.#take(8), true);
      default:
        throw new RangeError('unknown type');
    }
  }

  #text(length: number): string {
    const at = this.#at;
    // It ends with a zero byte.
    this.#advance(length + 1);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** Where a value that is aligned by its size begins. */
  #take(size: number): number {
    const at = (this.#at + size - 1) & -size;
    this.#at = at + size;
    return at;
  }

  #align(code: string): void {
    const to =
      code === '(' || code === '{' || code === 'x' || code === 't' || code === 'd'
        ? 8
        : code === 'y' || code === 'g' || code === 'v'
          ? 1
          : code === 'n' || code === 'q'
            ? 2
            : 4;
    this.#at = (this.#at + to - 1) & -to;
  }

  #advance(count: number): void {
    this.#at += count;
    if (this.#at > this.#bytes.length) throw new RangeError('the message is too short');
  }
}

/** Of what is in a container: without any, an array of it would have no end. */
function typesOf(signature: string): string[] {
  if (signature === '') throw new RangeError('an empty container');
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

/** Where one complete type ends. */
function endOfType(signature: string, at: number): number {
  let depth = 0;
  for (let end = at; end < signature.length; end++) {
    const code = signature.charAt(end);
    if (code === '(' || code === '{') depth += 1;
    else if (code === ')' || code === '}') depth -= 1;
    if (depth === 0 && code !== 'a') return end + 1;
  }
  throw new RangeError('the signature is not complete');
}
