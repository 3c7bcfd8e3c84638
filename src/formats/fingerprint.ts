const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/**
 * 16 hexadecimal digits that tell texts apart (FNV-1a, 64 bits). Not for secrets. Our own, because the agent stays in
 * memory as long as its worker and Node's crypto module would add 3 MB to it for three short hashes.
 */
export function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash.toString(16).padStart(16, '0');
}
