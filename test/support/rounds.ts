const FACTOR = Number(process.env.CRASHMON_CHAOS ?? 1);

/** In `npm run chaos`, which has time. */
export const IS_CHAOS = process.env.CRASHMON_CHAOS !== undefined;

/** How often a test repeats what it does at random: in the suite this often, in `npm run chaos` many times as often. */
export function rounds(inSuite: number): number {
  return inSuite * FACTOR;
}
