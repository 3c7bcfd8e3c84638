import { readCoded } from './coded.ts';
import { problemOfSentence } from './history/problem-sentences.ts';
import type { Problem } from './problem.ts';

/**
 * A stored or received problem in any form: an object, a token, or a sentence of schema 1. A well-formed code that this
 * version does not know is kept.
 */
export function readProblem(value: unknown): Problem {
  const coded = readCoded(value);
  if (coded !== null) {
    const { code, count } = coded;
    return count === undefined ? { code } : { code, count };
  }
  return (typeof value === 'string' ? problemOfSentence(value) : null) ?? { code: 'withheld' };
}
