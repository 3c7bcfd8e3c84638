import { IS_COMPLETE } from './matrix.ts';

const FACTOR = Number(process.env.CRASHMON_CHAOS ?? 1);

/** In `npm run chaos -- rounds`, which has time. */
export const IS_CHAOS = process.env.CRASHMON_CHAOS !== undefined;

/** How often a test repeats what it does at random: in the suite this often, in `npm run chaos -- rounds` many times as often. */
export function rounds(inSuite: number): number {
  return inSuite * FACTOR;
}

/** How many inputs a property test tries: in the suite a quarter, others in each run; in `npm run test:all` and chaos all. */
export function inputs(all: number): number {
  return IS_COMPLETE || IS_CHAOS ? all : Math.ceil(all / 4);
}
