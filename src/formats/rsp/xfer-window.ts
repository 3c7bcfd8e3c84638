import { badPacket } from './bad-packet.ts';

/**
 * Answer to `qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH`: a piece of the object, one character a byte.
 * @throws CrashmonError BAD_RECORD also for `E…` and for the empty answer (not supported)
 */
export function parseXferWindow(payload: string): { data: string; last: boolean } {
  const mark = payload[0];
  if (mark !== 'l' && mark !== 'm') throw badPacket('an object cannot be read');
  const data = payload.slice(1);
  // `m` without data would have us ask for the same window for ever.
  return { data, last: mark === 'l' || data === '' };
}

/** The request for a window. */
export function formatXferRead(object: string, annex: string, offset: number, length: number): string {
  return `qXfer:${object}:read:${annex}:${offset.toString(16)},${length.toString(16)}`;
}
