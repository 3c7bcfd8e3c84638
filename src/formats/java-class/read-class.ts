import type { VouchingClass } from '../../model/last-words.ts';
import { ownLinesIn } from './own-lines.ts';

const MAGIC = 0xca_fe_ba_be;

/**
 * The places of a class's methods, by JVMS 4. The file comes from the worker's machine, but anything can be in it.
 *
 * @param name with dots
 * @returns null if the bytes are not this class
 */
export function readClassFile(bytes: Buffer, name: string): VouchingClass | null {
  try {
    return new ClassFile(bytes).read(name);
  } catch (error) {
    // Beyond the end of the bytes, or of what a buffer can be.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Reads bytes in order. A number beyond the end throws a RangeError, as Buffer does. */
class ClassFile {
  readonly #bytes: Buffer;
  #at = 0;
  /** Offset of each constant; 0 if there is none. */
  #constants: number[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(name: string): VouchingClass | null {
    if (this.#u4() !== MAGIC) return null;
    this.#skip(4);
    this.#readConstants();
    this.#skip(2);
    if (this.#className(this.#u2()) !== name.replaceAll('.', '/')) return null;
    this.#skip(2);
    this.#skip(2 * this.#u2());
    const methods = new Map<string, Set<number>>();
    this.#members(() => {});
    this.#members((method, attribute) => {
      const lines = methods.get(method) ?? new Set();
      methods.set(method, lines);
      if (attribute === 'Code') this.#readCode(lines);
    });
    const found: VouchingClass = { sourceFile: null, methods, ownLines: null };
    this.#attributes((attribute, end) => {
      if (attribute === 'SourceFile') found.sourceFile = this.#text(this.#u2());
      if (attribute === 'SourceDebugExtension')
        found.ownLines = ownLinesIn(this.#bytes.toString('utf8', this.#at, end));
    });
    return found;
  }

  #readConstants(): void {
    const count = this.#u2();
    for (let index = 1; index < count; index++) {
      this.#constants[index] = this.#at;
      const tag = this.#u1();
      const size = tag === TEXT ? this.#u2() : SIZES[tag];
      if (size === undefined) throw new RangeError(`Unknown constant ${tag}`);
      this.#skip(size);
      // A number of eight bytes takes two places.
      if (EIGHT_BYTES.has(tag)) index++;
    }
  }

  /** Fields or methods; `each` also stands for a member without attributes. */
  #members(each: (name: string, attribute: string) => void): void {
    for (let left = this.#u2(); left > 0; left--) {
      this.#skip(2);
      const name = this.#text(this.#u2());
      this.#skip(2);
      each(name, '');
      this.#attributes((attribute) => each(name, attribute));
    }
  }

  #attributes(each: (name: string, end: number) => void): void {
    for (let left = this.#u2(); left > 0; left--) {
      const name = this.#text(this.#u2());
      const size = this.#u4();
      const end = this.#at + size;
      each(name, end);
      // Without this, small attributes could have the same bytes read again and again.
      if (this.#at > end) throw new RangeError('More than its attribute was read');
      this.#at = end;
    }
  }

  #readCode(lines: Set<number>): void {
    this.#skip(4);
    this.#skip(this.#u4());
    this.#skip(8 * this.#u2());
    this.#attributes((attribute) => {
      if (attribute !== 'LineNumberTable') return;
      for (let left = this.#u2(); left > 0; left--) {
        this.#skip(2);
        lines.add(this.#u2());
      }
    });
  }

  #className(index: number): string {
    return this.#text(this.#bytes.readUInt16BE(this.#constant(index, CLASS)));
  }

  #text(index: number): string {
    const at = this.#constant(index, TEXT);
    return this.#bytes.toString('utf8', at + 2, at + 2 + this.#bytes.readUInt16BE(at));
  }

  #constant(index: number, tag: number): number {
    const at = this.#constants[index];
    if (at === undefined || this.#bytes[at] !== tag) throw new RangeError(`No constant ${index}`);
    return at + 1;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
  }

  #u1(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  #u2(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  #u4(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }
}

const EIGHT_BYTES: ReadonlySet<number> = new Set([5, 6]);
const TEXT = 1;
const CLASS = 7;
/** Bytes of each kind of constant, after its tag. */
const SIZES: Readonly<Record<number, number>> = {
  ...{ 3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4 },
  ...{ 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2 },
};
