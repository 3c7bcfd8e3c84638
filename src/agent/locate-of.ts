import { type Locate, locateBelow, nowhere, onHost } from '../symbols/locate.ts';
import type { ProgramRoot } from './analysis-job.ts';

/** How the analysis opens files of the program that ended. */
export function locateOf(root: ProgramRoot | undefined): Locate {
  if (root === undefined || root === 'host') return onHost;
  return root === 'unknown' ? nowhere : locateBelow(root);
}
