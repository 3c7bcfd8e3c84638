import type { LastWords, PrintedError, VouchedCall } from '../../src/model/last-words.ts';

/** Last words as a reader finds them. */
export function lastWordsOf(error: PrintedError, more: Partial<LastWords> = {}): LastWords {
  return {
    ...{ form: 'exception', error, causes: [], thread: null, handled: false, pid: null, signal: null },
    ...{ version: null, from: 0, to: 1, linesAfter: 0, ...more },
  };
}

export function printedError(
  type: string | null,
  calls: VouchedCall[],
  more: Partial<PrintedError> = {},
): PrintedError {
  return { ...{ type, calls, members: [], refuted: 0, cut: 0 }, ...more };
}
