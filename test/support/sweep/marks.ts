import assert from 'node:assert/strict';
import { findMarks } from './find-mark.ts';

/** In all data of the programs, and nowhere in them as an identifier. */
export const SECRET = 'zqkvmxwjhb';
/** The name of the function that crashes, which may be anywhere: where it is not found, the search would find nothing else either. */
export const CONTROL = 'kontrolnamepqx';

export const canary = (place: string): string => `${SECRET} ${place} ${SECRET}`;

/** All that left, all that is kept outside of private logs, and all that crashmon said, by where it was. */
export type Evidence = Record<string, readonly Buffer[]>;

/** Where each of the marks has to be; it is nowhere else. */
export type Expected = Record<string, readonly string[]>;

export function assertMarks(evidence: Evidence, expected: Expected): void {
  const marks = Object.keys(expected);
  const found = Object.entries(evidence).flatMap(([what, bytes]) =>
    bytes.flatMap((each) => findMarks(each, marks)).map((each) => ({ what, ...each })),
  );
  const leaks = found
    .filter(({ what, mark }) => mark !== CONTROL && !expected[mark]?.includes(what))
    .map(({ what, how, context }) => `${what}, ${how}: ${context}`);
  assert.deepEqual([...new Set(leaks)], []);
  const where = new Set(found.map(({ what, mark }) => `${mark} in ${what}`));
  const absent = marks.flatMap((mark) => (expected[mark] ?? []).map((what) => `${mark} in ${what}`));
  assert.deepEqual(
    absent.filter((each) => !where.has(each)),
    [],
    'the search would not have found it',
  );
}
