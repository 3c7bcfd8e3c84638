import { globSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');

/** They need nothing but Node.js and the packages, and rarely start a process. */
export const UNIT_TESTS = found('src/**/*.test.ts', 'test/*.test.ts', 'test/support/*.test.ts');

/** Only `npm run test:runtimes` runs these: they need what is heavy to install. */
const HEAVY = found('test/runtimes/**/*.test.ts');

/** They come first, the longest first, so that none of them runs alone at the end: those that need ten seconds or more. */
const LONG = [
  // These wait more than they work.
  ...['host/agent', 'host/agent-signals', 'host/what-it-says', 'host/drop-in', 'host/agent-sources'],
  ...['host/workers', 'host/systemd-source', 'host/user-units', 'host/podman', 'host/agent-chaos'],
  'chaos/chaos',
  ...['portal/store/crashes', 'agent/apps/wrappers', 'cli/demo', 'cli/doctor-predictions'],
  ...['agent/apps/loaders', 'cli/checkout', 'notify/single-machine', 'agent/reports/crash-kinds'],
  ...['agent/reports/privacy', 'privacy/sweep', 'cli/package', 'agent/standard-error', 'capture/frames'],
  ...[
    'agent/apps/sentry',
    'portal/access/walk',
    'portal/notifications/look',
    'capture/servers/as-full-cores',
  ],
  ...['agent/apps/unchanged', 'portal/pages/walk', 'portal/pages/hostile', 'portal/store/durability'],
  ...['notify/mail-in-browser', 'agent/fast-standard-error', 'debugger/executing', 'portal/ingest/kill'],
  ...['portal/ingest/floods', 'portal/notifications/flood', 'portal/notifications/processes', 'cli/mistakes'],
  ...['portal/whole/killed', 'portal/whole/trouble', 'probe/dying', 'signature/armed-and-unarmed'],
  ...['uplink/trouble', 'worker/transparency'],
].map((name) => `test/${name}.test.ts`);

const OTHERS = found('test/**/*.test.ts').filter(
  (file) => !UNIT_TESTS.includes(file) && !HEAVY.includes(file),
);

/** Files here share a process with others of their folder: starting one and loading its modules takes about a second. */
const SHARING = [
  ...['agent', 'agent/last-words', 'agent/native', 'analysis', 'capture', 'capture/servers', 'debugger'],
  ...['exit-watch', 'last-words', 'portal/access', 'probe', 'probe/languages', 'symbols'],
].map((name) => `test/${name}`);

/** Nothing that they do to their process stays. */
export const SHARED: ReadonlySet<string> = new Set(
  OTHERS.filter((file) => SHARING.includes(path.dirname(file)) && !LONG.includes(file)),
);

export const OTHER_TESTS = [...LONG, ...OTHERS.filter((file) => !LONG.includes(file))];

// Node.js takes a pattern without matches for a success.
if (UNIT_TESTS.length === 0 || OTHERS.length === 0) throw new Error('test-files.ts: found no tests');
const gone = LONG.filter((file) => !OTHERS.includes(file));
if (gone.length > 0) throw new Error(`test-files.ts: not a test: ${gone.join(', ')}`);

function found(...patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: ['**/node_modules/**'] }).toSorted();
}
