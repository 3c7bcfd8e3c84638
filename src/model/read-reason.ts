import { readCoded } from './coded.ts';
import type { ExitReason } from './exit-reason.ts';
import { reasonOfSentence } from './history/reason-sentences.ts';

/**
 * A stored or received reason in any form: an object, a token, or a sentence of version 0.1. A well-formed code that
 * this version does not know is kept.
 */
export function readReason(value: unknown): ExitReason {
  const coded = readCoded(value);
  if (coded !== null) {
    const { count: _, ...reason } = coded;
    return reason;
  }
  return (typeof value === 'string' ? reasonOfSentence(value) : null) ?? { code: 'withheld' };
}
