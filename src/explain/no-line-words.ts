import type { NoLineReason } from '../model/frame.ts';

/** Why a frame has no line: a label and a sentence. */
export const NO_LINE_WORDS: Readonly<Record<NoLineReason, { short: string; long: string }>> = {
  transpiled: {
    short: 'not mapped',
    long: 'No line: a loader transpiled the file in memory, without a source map.',
  },
  'other-source': {
    short: 'source differs',
    long: 'No line: the source on disk does not match the source map.',
  },
  changed: { short: 'file changed', long: 'No line: the file changed after the worker started.' },
};
