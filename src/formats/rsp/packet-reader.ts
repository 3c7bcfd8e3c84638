import { badPacket } from './bad-packet.ts';
import { checksum } from './encode-packet.ts';

/** Larger than anything gdbserver may send (it states a PacketSize below 20 KB), before and after run lengths. */
const MAX_PACKET_LENGTH = 1024 * 1024;

const STAR = 0x2a;
const ESCAPE = 0x7d;

export type RspMessage =
  | { type: 'packet' | 'notification'; payload: string }
  /** Acknowledgement of what we sent, only before `QStartNoAckMode`. */
  | { type: 'ack' | 'nak' };

/**
 * Cuts a stream into messages of the GDB Remote Serial Protocol: `$…#cs` packets, `%…#cs` notifications, `+` and `-`.
 * Escapes and run lengths are resolved; a payload is a string of one character a byte. Noise between messages is
 * skipped, as the protocol demands.
 */
export class PacketReader {
  #pending = '';

  /**
   * Takes bytes as they come, any number of them.
   * @throws CrashmonError BAD_RECORD for a wrong checksum or a damaged packet: the stream is of no more use then
   */
  push(bytes: Uint8Array): RspMessage[] {
    this.#pending += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const messages: RspMessage[] = [];
    let at = 0;
    for (;;) {
      const start = this.#pending.slice(at).search(/[$%+-]/);
      if (start < 0) {
        at = this.#pending.length;
        break;
      }
      at += start;
      const mark = this.#pending[at];
      if (mark === '+' || mark === '-') {
        messages.push({ type: mark === '+' ? 'ack' : 'nak' });
        at += 1;
        continue;
      }
      const end = this.#pending.indexOf('#', at);
      if (end < 0 || end + 3 > this.#pending.length) {
        if (this.#pending.length - at > MAX_PACKET_LENGTH) throw badPacket('a packet without an end');
        break;
      }
      const escaped = this.#pending.slice(at + 1, end);
      if (checksum(escaped) !== this.#pending.slice(end + 1, end + 3).toLowerCase()) {
        throw badPacket('wrong checksum');
      }
      messages.push({ type: mark === '$' ? 'packet' : 'notification', payload: decodePayload(escaped) });
      at = end + 3;
    }
    this.#pending = this.#pending.slice(at);
    return messages;
  }
}

/**
 * Resolves `}` escapes and `*` run lengths (the character after `*`, minus 29, is how often the one before it is
 * repeated).
 * @throws CrashmonError BAD_RECORD
 */
export function decodePayload(escaped: string): string {
  if (!/[}*]/.test(escaped)) return escaped;
  // By bytes, since it runs while a worker is held: an answer of 5 KB may have hundreds of runs.
  const from = Buffer.from(escaped, 'latin1');
  const to = Buffer.allocUnsafe(decodedLength(from));
  let length = 0;
  for (let i = 0; i < from.length; i += 1) {
    const byte = from[i] ?? 0;
    if (byte === STAR) {
      i += 1;
      const count = (from[i] ?? 0) - 29;
      to.fill(to[length - 1] ?? 0, length, length + count);
      length += count;
    } else if (byte === ESCAPE) {
      i += 1;
      to[length] = (from[i] ?? 0) ^ 0x20;
      length += 1;
    } else {
      to[length] = byte;
      length += 1;
    }
  }
  return to.toString('latin1', 0, length);
}

/** Also checks that all of it can be decoded. */
function decodedLength(from: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < from.length; i += 1) {
    const byte = from[i];
    if (byte !== STAR && byte !== ESCAPE) {
      length += 1;
      continue;
    }
    i += 1;
    const operand = from[i];
    if (operand === undefined) throw badPacket('damaged escape or run length');
    if (byte === ESCAPE) length += 1;
    else if (operand < 32 || operand > 126 || length === 0) throw badPacket('damaged run length');
    else length += operand - 29;
    if (length > MAX_PACKET_LENGTH) throw badPacket('a packet that is too long');
  }
  return length;
}
