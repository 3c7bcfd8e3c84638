const FACTOR = Number(process.env.CRASHMON_CHAOS ?? 1);

/** How often a test repeats what it does at random: in the suite this often, in `npm run chaos` many times as often. */
export function rounds(inSuite: number): number {
  return inSuite * FACTOR;
}
