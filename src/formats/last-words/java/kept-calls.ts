import type { PrintedError, VouchedCall } from '../../../model/last-words.ts';
import type { JavaCall } from './java-call.ts';

const MAX_CALLS = 2_000;

/** An exception and its calls so far. */
export type Traced = {
  type: string | null;
  calls: JavaCall[];
  /** Its calls are the last ones of this one's. */
  enclosing: Traced | null;
  /** Its last line was read. */
  isClosed: boolean;
  /** Calls that belong to the message. */
  refuted: number;
  suppressed: Traced[];
};

/** An exception with the calls that count. @param hasClasses a call of this text was found in its class */
export function keptCalls({ type, calls, refuted, suppressed }: Traced, hasClasses: boolean): PrintedError {
  const kept: VouchedCall[] = [];
  let isVouched = !hasClasses;
  let left = refuted;
  for (const one of calls) {
    if (one.kind === 'vouched') isVouched = true;
    if (one.kind === 'generated') continue;
    if (one.call === null) {
      left++;
      // What stands above a line of the message belongs to it as well.
      if (!isVouched) left += kept.splice(0).length;
    } else if (one.kind === 'unknown' && !isVouched) left++;
    else kept.push(one.call);
  }
  return {
    type,
    calls: kept.slice(0, MAX_CALLS),
    members: suppressed.map((member) => keptCalls(member, hasClasses)),
    refuted: left,
    cut: Math.max(0, kept.length - MAX_CALLS),
  };
}
