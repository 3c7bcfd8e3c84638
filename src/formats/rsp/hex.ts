import { badPacket } from './bad-packet.ts';

/**
 * Bytes of `0a1b…`. The `x` digits that stand for a register that is not available become zero.
 * @throws CrashmonError BAD_RECORD
 */
export function parseHexBytes(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw badPacket('hexadecimal bytes of odd length');
  const available = text.includes('x') ? text.replaceAll('x', '0') : text;
  const bytes = Buffer.from(available, 'hex');
  // It stops at the first pair that is not hexadecimal.
  if (bytes.length * 2 !== text.length) throw badPacket('no hexadecimal bytes');
  return bytes;
}

/**
 * A hexadecimal number of at most 8 digits, as the protocol writes signals, exit codes and thread ids.
 * @throws CrashmonError BAD_RECORD
 */
export function parseHexNumber(text: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(text)) throw badPacket('no hexadecimal number');
  return Number.parseInt(text, 16);
}
