import { globSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');

/** They need nothing but Node.js and the packages, and rarely start a process. */
export const UNIT_TESTS = found('src/**/*.test.ts', 'test/*.test.ts', 'test/support/*.test.ts');

/** Only `npm run test:runtimes` runs these: they need what is heavy to install. */
const HEAVY = found('test/runtimes/**/*.test.ts');

/** They come first, so that none of them runs alone at the end: those that need ten seconds or more. */
const LONG = [
  ...['agent/apps/wrappers', 'agent/apps/loaders', 'agent/apps/sentry', 'agent/apps/unchanged'],
  ...[
    'agent/reports/crash-kinds',
    'agent/reports/privacy',
    'agent/fast-standard-error',
    'agent/standard-error',
  ],
  ...[
    'capture/frames',
    'capture/servers/as-full-cores',
    'cli/checkout',
    'cli/demo',
    'cli/doctor-predictions',
  ],
  ...['cli/mistakes', 'cli/package', 'debugger/executing', 'notify/mail-in-browser', 'notify/single-machine'],
  ...[
    'portal/access/walk',
    'portal/notifications/flood',
    'portal/notifications/look',
    'portal/pages/hostile',
  ],
  ...[
    'portal/notifications/processes',
    'portal/pages/walk',
    'portal/store/crashes',
    'portal/store/durability',
  ],
  ...['portal/whole/killed', 'portal/whole/trouble', 'probe/dying', 'signature/armed-and-unarmed'],
  ...['uplink/trouble', 'worker/transparency'],
].map((name) => `test/${name}.test.ts`);

const OTHERS = found('test/**/*.test.ts').filter(
  (file) => !UNIT_TESTS.includes(file) && !HEAVY.includes(file),
);

export const OTHER_TESTS = [...LONG, ...OTHERS.filter((file) => !LONG.includes(file))];

// Node.js takes a pattern without matches for a success.
if (UNIT_TESTS.length === 0 || OTHERS.length === 0) throw new Error('test-files.ts: found no tests');
const gone = LONG.filter((file) => !OTHERS.includes(file));
if (gone.length > 0) throw new Error(`test-files.ts: not a test: ${gone.join(', ')}`);

function found(...patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: ['**/node_modules/**'] }).toSorted();
}
