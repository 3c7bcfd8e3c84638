import { TROUBLES, type Trouble } from '../../model/dump.ts';

export class BucketTrouble extends Error {
  readonly why: Trouble['why'];

  constructor(why: Trouble['why']) {
    super(why);
    this.why = why;
  }
}

/** null if it is damaged. */
export function parseTrouble(text: string): Trouble | null {
  try {
    const { why, attempts, atMs } = JSON.parse(text) as Record<string, unknown>;
    const known = TROUBLES.find((each) => each === why);
    return known === undefined ? null : { why: known, attempts: Number(attempts), atMs: Number(atMs) };
  } catch {
    return null;
  }
}
