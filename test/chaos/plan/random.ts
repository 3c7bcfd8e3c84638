import { seededRandom } from '../../support/seed.ts';

/** Choices that follow from a seed. */
export type Random = {
  /** From `from` up to, and without, `to`. */
  between(from: number, to: number): number;
  oneOf<Value>(values: readonly Value[]): Value;
};

/** @param about so that two uses of one seed do not choose alike */
export function randomFrom(seed: number, about: string): Random {
  const salt = [...about].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);
  const next = seededRandom(seed ^ salt);
  // The first numbers of neighboring seeds are alike.
  for (let skipped = 0; skipped < 8; skipped++) next();
  const between = (from: number, to: number) => Math.floor(from + next() * (to - from));
  return {
    between,
    oneOf(values) {
      const chosen = values[between(0, values.length)];
      if (chosen === undefined) throw new Error('nothing to choose from');
      return chosen;
    },
  };
}
