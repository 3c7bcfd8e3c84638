import { globSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');

/** They need nothing but Node.js and the packages, and rarely start a process. */
export const UNIT_TESTS = found('src/**/*.test.ts', 'test/*.test.ts', 'test/support/*.test.ts');

/** Only `npm run test:runtimes` runs these: they need what is heavy to install. */
const HEAVY = found('test/runtimes/**/*.test.ts');

export const OTHER_TESTS = found('test/**/*.test.ts').filter(
  (file) => !UNIT_TESTS.includes(file) && !HEAVY.includes(file),
);

// Node.js takes a pattern without matches for a success.
if (UNIT_TESTS.length === 0 || OTHER_TESTS.length === 0) throw new Error('test-files.ts: found no tests');

function found(...patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: ['**/node_modules/**'] }).toSorted();
}
