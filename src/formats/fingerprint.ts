const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/**
 * 16 hexadecimal digits that distinguish texts (FNV-1a, 64 bits). Not for secrets. Not `crypto`, which would add 3 MB to the
 * agent for three short hashes.
 */
export function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash.toString(16).padStart(16, '0');
}
