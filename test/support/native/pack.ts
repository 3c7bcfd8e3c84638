/** A field of a structure: its width and its value. */
export type Field = readonly ['u8' | 'u16' | 'u32' | 'u64', number | bigint] | Uint8Array | string;

/** Little-endian bytes of fields, one after the other, as headers of C list them; a string has no NUL of its own. */
export function pack(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map((field) => {
      if (typeof field === 'string') return Buffer.from(field);
      if (field instanceof Uint8Array) return field;
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(field[1])));
      return bytes.subarray(0, Number(field[0].slice(1)) / 8);
    }),
  );
}

/** Pieces at their addresses, and zeros between them, as one reader of memory from 0 on. */
export function place(pieces: Readonly<Record<number, Uint8Array>>, sizeBytes: number): Buffer {
  const memory = Buffer.alloc(sizeBytes);
  for (const [address, bytes] of Object.entries(pieces)) memory.set(bytes, Number(address));
  return memory;
}
