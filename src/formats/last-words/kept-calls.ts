import type { PrintedError, VouchedCall } from '../../model/last-words.ts';

/**
 * A line of a stack: `vouched` by what the program is made of; `runtime`: of the language's own libraries, which any message
 * can name; `unknown`: there was nothing to compare it with; `generated` at run time, without a source; `refuted` by what it
 * was compared with.
 */
export type CheckedCall =
  | { kind: 'vouched' | 'unknown' | 'runtime'; call: VouchedCall }
  | { kind: 'generated' | 'refuted'; call: null };

/** An exception with all lines that look like calls of it. */
export type CheckedError = {
  type: string | null;
  calls: CheckedCall[];
  /** Calls that were left out, as in `PrintedError`. */
  refuted: number;
  ambiguous: number;
  members: CheckedError[];
};

const MAX_CALLS = 2_000;

/**
 * An exception with the calls that count, of a runtime that prints them below the message.
 * @param canVouch something vouches for a call of this text: then an unknown one above the first such belongs to the message
 */
export function keptCalls(error: CheckedError, canVouch: boolean): PrintedError {
  const { type, calls, members } = error;
  const kept: VouchedCall[] = [];
  let isVouched = !canVouch;
  let { refuted, ambiguous } = error;
  for (const one of calls) {
    if (one.kind === 'vouched') isVouched = true;
    if (one.kind === 'generated') continue;
    if (one.call === null) {
      refuted++;
      // What stands above a line of the message belongs to it as well.
      if (!isVouched) ambiguous += kept.splice(0).length;
    } else if (one.kind === 'unknown' && !isVouched) ambiguous++;
    else kept.push(one.call);
  }
  return {
    type,
    calls: kept.slice(0, MAX_CALLS),
    members: members.map((member) => keptCalls(member, canVouch)),
    ...{ refuted, ambiguous },
    cut: Math.max(0, kept.length - MAX_CALLS),
  };
}

/** Its type alone. */
export function withoutCalls(error: CheckedError): PrintedError {
  dropCalls(error);
  const { type, refuted, ambiguous } = error;
  return { type, calls: [], members: [], refuted, ambiguous, cut: 0 };
}

/** Its calls so far belong to its message, or could. */
export function dropCalls(error: CheckedError): void {
  const refuted = error.calls.filter(({ kind }) => kind === 'refuted').length;
  error.refuted += refuted;
  error.ambiguous += error.calls.length - refuted;
  error.calls = [];
}

export function hasVouched(error: CheckedError | undefined): boolean {
  return error?.calls.some(({ kind }) => kind === 'vouched') ?? false;
}
