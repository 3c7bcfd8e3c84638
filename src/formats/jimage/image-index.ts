const MAGIC = 0xca_fe_da_da;
const HEADER_BYTES = 28;
const HASH_MULTIPLIER = 0x01_00_01_93;

/** Where a resource is in an image, in bytes. */
export type ImageResource = { offset: number; sizeBytes: number };

/** Sizes in the header of a JDK's `lib/modules` (jimage, JDK 9 and later), null if it is none of this machine's byte order. */
export function imageIndexBytes(header: Buffer): number | null {
  if (header.length < HEADER_BYTES || header.readUInt32LE(0) !== MAGIC) return null;
  const [tableLength, locationBytes, stringBytes] = [16, 20, 24].map((at) => header.readUInt32LE(at)) as [
    number,
    number,
    number,
  ];
  return HEADER_BYTES + 8 * tableLength + locationBytes + stringBytes;
}

/** Finds resources in such an image: a hash table whose entries name themselves. */
export class ImageIndex {
  readonly #bytes: Buffer;
  readonly #length: number;
  readonly #locations: number;
  readonly #strings: number;

  /** @param bytes the first `imageIndexBytes` of the file */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#length = bytes.readUInt32LE(16);
    this.#locations = HEADER_BYTES + 8 * this.#length;
    this.#strings = this.#locations + bytes.readUInt32LE(20);
  }

  /** @param name such as `/java.base/java/lang/Integer.class`; @returns null if there is none, or it is compressed */
  find(name: string): ImageResource | null {
    if (this.#length === 0) return null;
    try {
      const attributes = this.#attributesAt(this.#slotOf(Buffer.from(name)));
      return this.#nameOf(attributes) === name ? this.#resourceOf(attributes) : null;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** A name in the image's table. */
  text(offset: number): string {
    const from = this.#strings + offset;
    const end = this.#bytes.indexOf(0, from);
    return end < 0 || end - from > 1_000 ? '' : this.#bytes.toString('utf8', from, end);
  }

  #slotOf(name: Buffer): number {
    const redirect = this.#bytes.readInt32LE(
      HEADER_BYTES + 4 * (hashOf(name, HASH_MULTIPLIER) % this.#length),
    );
    return redirect < 0 ? -1 - redirect : hashOf(name, redirect) % this.#length;
  }

  /** Each is a byte with kind and length, and a number of that length. */
  #attributesAt(slot: number): number[] {
    const values = new Array<number>(8).fill(0);
    let at = this.#locations + this.#bytes.readUInt32LE(HEADER_BYTES + 4 * (this.#length + slot));
    for (let kind = this.#bytes.readUInt8(at); kind >> 3 !== END; kind = this.#bytes.readUInt8(at)) {
      const length = (kind & 7) + 1;
      if (length > 6 || kind >> 3 > UNCOMPRESSED) break;
      values[kind >> 3] = this.#bytes.readUIntBE(at + 1, length);
      at += 1 + length;
    }
    return values;
  }

  #nameOf(attributes: readonly number[]): string {
    const [module, parent, base, extension] = [1, 2, 3, 4].map((kind) => this.text(attributes[kind] ?? 0));
    return `${module && `/${module}/`}${parent && `${parent}/`}${base}${extension && `.${extension}`}`;
  }

  #resourceOf(attributes: readonly number[]): ImageResource | null {
    if (attributes[COMPRESSED] !== 0) return null;
    return {
      offset: this.#bytes.length + (attributes[OFFSET] ?? 0),
      sizeBytes: attributes[UNCOMPRESSED] ?? 0,
    };
  }
}

const END = 0;
const OFFSET = 5;
const COMPRESSED = 6;
const UNCOMPRESSED = 7;

function hashOf(name: Buffer, seed: number): number {
  let hash = seed;
  for (const byte of name) hash = Math.imul(hash, HASH_MULTIPLIER) ^ byte;
  return hash & 0x7f_ff_ff_ff;
}
