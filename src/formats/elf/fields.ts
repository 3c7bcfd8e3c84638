import { CrashmonError } from '../../model/crashmon-error.ts';

/** Little-endian fields of a structure by their offsets; a field outside of it throws BAD_RECORD. */
export class Fields {
  readonly #view: DataView;
  readonly #what: string;
  readonly bytes: Uint8Array;

  /** `what` names the structure in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.#what = what;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(offset: number): number {
    return this.#view.getUint8(this.#checked(offset, 1));
  }

  u16(offset: number): number {
    return this.#view.getUint16(this.#checked(offset, 2), true);
  }

  u32(offset: number): number {
    return this.#view.getUint32(this.#checked(offset, 4), true);
  }

  i32(offset: number): number {
    return this.#view.getInt32(this.#checked(offset, 4), true);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(this.#checked(offset, 8), true);
  }

  /** A view, not a copy. */
  slice(offset: number, length: number): Uint8Array {
    this.#checked(offset, length);
    return this.bytes.subarray(offset, offset + length);
  }

  /** Text of a field of fixed size, up to its first NUL. */
  text(offset: number, length: number): string {
    const field = this.slice(offset, length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  }

  #checked(offset: number, length: number): number {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.bytes.length)) {
      throw badElf(`${this.#what} is cut short`);
    }
    return offset;
  }
}

/** Names the structure only: what was read is memory of a worker. */
export function badElf(what: string): CrashmonError {
  return new CrashmonError('BAD_RECORD', `an ELF structure cannot be used: ${what}`);
}
