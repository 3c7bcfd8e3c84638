import { constants } from 'node:os';
import type { Ending } from '../plan/ways.ts';

/** A death as the kernel noted it. */
export type KernelDeath = {
  pid: number;
  parent: number;
  command: string;
  ending: Ending;
  /** Seconds since boot, wrong by up to a second. */
  startedS: number;
  /** From start to end. */
  tookS: number;
};

const RECORD_BYTES = 64;
/** Of two names of one signal the usual one, which comes first but for SIGABRT. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .filter(([name]) => name !== 'SIGIOT')
    .map(([name, number]) => [number, name]),
);

/**
 * Reads what acct(5) wrote, format version 3 of this machine's byte order (little-endian).
 * @param bootedS Unix time of the boot
 */
export function parseKernelDeaths(bytes: Buffer, bootedS: number): KernelDeath[] {
  return Array.from({ length: Math.floor(bytes.length / RECORD_BYTES) }, (_, at) => {
    const record = bytes.subarray(at * RECORD_BYTES, (at + 1) * RECORD_BYTES);
    if ((record.readUInt8(1) & 0x7f) !== 3) throw new Error('not a record of acct(5), version 3');
    const status = record.readUInt32LE(4);
    const startedS = record.readUInt32LE(24) - bootedS;
    // In hundredths of a second.
    const tookS = record.readFloatLE(28) / 100;
    const command = record.toString('latin1', 48, 64).split('\0')[0] ?? '';
    const [pid, parent] = [record.readUInt32LE(16), record.readUInt32LE(20)];
    return { pid, parent, command, ending: endingOf(status), startedS, tookS };
  });
}

/** As wait(2) reports it. */
function endingOf(status: number): Ending {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff };
  return { signal: SIGNALS.get(signal) ?? `signal ${signal}` };
}
