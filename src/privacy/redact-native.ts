import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES, type PublicFault } from '../model/fault.ts';
import { SIGNAL_CODES, SYSTEM_CALLS } from './limits.ts';

/** The words and small numbers of a fault; neither its address nor its text. */
export function redactFault(fault: PublicFault): PublicFault {
  return {
    summary: FAULT_SUMMARIES.find((summary) => summary === fault.summary) ?? 'other-signal',
    siCode: within(fault.siCode, SIGNAL_CODES),
    addressClass: ADDRESS_CLASSES.find((name) => name === fault.addressClass) ?? null,
    systemCall: within(fault.systemCall, SYSTEM_CALLS),
    abortKind: ABORT_KINDS.find((kind) => kind === fault.abortKind) ?? null,
  };
}

/**
 * How far into its image a frame is. Eight digits are four gigabytes, more than any image has: what is longer would be
 * an address, or a word of memory that was taken for one.
 */
export function publicOffset(offset: string | null): string | null {
  return offset !== null && /^0x[0-9a-f]{1,8}$/.test(offset) ? offset : null;
}

export function publicBuildId(buildId: string | null): string | null {
  return buildId !== null && /^[0-9a-f]{2,64}$/.test(buildId) ? buildId : null;
}

function within(value: number | null, { from, to }: { from: number; to: number }): number | null {
  return value !== null && Number.isInteger(value) && value >= from && value <= to ? value : null;
}
