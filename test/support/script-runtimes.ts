import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Commands that run a script; a missing one fails. Installed with the Node.js versions. */
export const DENO = [installed('deno/deno'), 'run', '-A', '--no-config', '--no-lock'];
export const BUN = [installed('bun/bin/bun'), 'run'];

function installed(place: string): string {
  const binary = path.join(import.meta.dirname, '../node-versions/node_modules', place);
  try {
    accessSync(binary, constants.X_OK);
  } catch (error) {
    throw new Error(`${place} is not installed: run 'sh scripts/set-up.sh' (npm test does)`, {
      cause: error,
    });
  }
  return binary;
}
