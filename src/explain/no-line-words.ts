import type { NoLineReason } from '../model/frame.ts';

/** Why a frame has no line, in a word and in a sentence. */
export const NO_LINE_WORDS: Readonly<Record<NoLineReason, { short: string; long: string }>> = {
  transpiled: {
    short: 'not mapped',
    long: 'No line: transpiled in memory by a loader, and there is no source map.',
  },
  'other-source': {
    short: 'source differs',
    long: 'No line: the source on disk is not the one that the source map was made of.',
  },
  changed: { short: 'file changed', long: 'No line: the file was changed after the worker had started.' },
};
