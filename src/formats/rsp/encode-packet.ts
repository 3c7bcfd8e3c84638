/**
 * Frames a payload (one character a byte) as the GDB Remote Serial Protocol wants it: `$`, escaped payload, `#`, sum
 * modulo 256.
 */
export function encodePacket(payload: string): string {
  const escaped = payload.replace(
    /[#$}*]/g,
    (character) => `}${String.fromCharCode(character.charCodeAt(0) ^ 0x20)}`,
  );
  return `$${escaped}#${checksum(escaped)}`;
}

/** Two hexadecimal digits. */
export function checksum(escaped: string): string {
  let sum = 0;
  for (let i = 0; i < escaped.length; i += 1) sum = (sum + escaped.charCodeAt(i)) & 0xff;
  return sum.toString(16).padStart(2, '0');
}
