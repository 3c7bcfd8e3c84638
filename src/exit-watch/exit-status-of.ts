import { signalName } from '../formats/signals/signal-name.ts';
import type { ExitStatus } from '../model/exit.ts';

/** Reads a status of wait(2). */
export function exitStatusOf(status: number): ExitStatus {
  if (!Number.isInteger(status)) return { type: 'unknown' };
  if ((status & 0x7f) === 0) return { type: 'code', code: (status >> 8) & 0xff };
  const signal = signalName(status & 0x7f);
  return signal === null ? { type: 'unknown' } : { type: 'signal', signal };
}
