import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RUNTIMES, type Runtime } from '../model/runtime.ts';
import { hasProbe, type PreviousProgram, prepareWorker, printsMore } from './worker-preparation.ts';

const PROBES = '/opt/crashmon/probe';
const PHP: PreviousProgram = {
  executable: '/usr/bin/php8.2',
  args: ['php', 'app.php'],
  hasMonoSymbols: false,
};

function variablesOf(
  runtime: Runtime | null,
  env: Record<string, string> = {},
  { program = PHP, probes = PROBES }: { program?: PreviousProgram | null; probes?: string } = {},
) {
  return prepareWorker(runtime, program, { env, probes })?.variables ?? null;
}

type Row = [runtime: Runtime | null, env: Record<string, string>, expected: Record<string, string> | null];
const TABLE: Row[] = [
  ['node', {}, { NODE_OPTIONS: `--require ${PROBES}/bundled/probe.cjs` }],
  ['node', { NODE_OPTIONS: '-r x' }, { NODE_OPTIONS: `--require ${PROBES}/bundled/probe.cjs -r x` }],
  [null, {}, { NODE_OPTIONS: `--require ${PROBES}/bundled/probe.cjs` }],
  ['java', {}, { NODE_OPTIONS: `--require ${PROBES}/bundled/probe.cjs` }],
  ['python', {}, { PYTHONPATH: `${PROBES}/python`, PYTHONFAULTHANDLER: 'crashmon' }],
  ['python', { PYTHONPATH: '/srv:', PYTHONFAULTHANDLER: '1' }, { PYTHONPATH: `${PROBES}/python:/srv:` }],
  ['python', { PYTHONPATH: '' }, { PYTHONPATH: `${PROBES}/python`, PYTHONFAULTHANDLER: 'crashmon' }],
  ['ruby', { RUBYOPT: '-w' }, { RUBYOPT: `-r${PROBES}/ruby/probe.rb -w` }],
  ['perl', { PERL5OPT: '-w' }, { PERL5OPT: `-I${PROBES}/perl -MCrashmon::Probe -w` }],
  ['php', {}, { PHP_INI_SCAN_DIR: `:${PROBES}/php` }],
  ['php', { PHP_INI_SCAN_DIR: '/etc/php' }, { PHP_INI_SCAN_DIR: `/etc/php:${PROBES}/php` }],
  ['php', { PHP_INI_SCAN_DIR: '' }, { PHP_INI_SCAN_DIR: `${PROBES}/php` }],
  ['rust', {}, { RUST_BACKTRACE: '1', RUST_LIB_BACKTRACE: '0' }],
  ['rust', { RUST_LIB_BACKTRACE: '1' }, { RUST_BACKTRACE: '1' }],
  ['rust', { RUST_BACKTRACE: '0' }, null],
  ['dotnet', {}, { NODE_OPTIONS: `--require ${PROBES}/bundled/probe.cjs` }],
];

describe('what is added to the environment', () => {
  for (const [runtime, env, expected] of TABLE) {
    test(`${runtime} with ${JSON.stringify(env)}`, () =>
      assert.deepEqual(variablesOf(runtime, env), expected));
  }

  test('PHP: only the command line, and only where settings are read', () => {
    assert.equal(variablesOf('php', {}, { program: null }), null);
    assert.equal(variablesOf('php', {}, { program: { ...PHP, executable: '/usr/sbin/php-fpm8.2' } }), null);
    assert.equal(variablesOf('php', {}, { program: { ...PHP, args: ['php', '-n', 'app.php'] } }), null);
  });

  test('Mono: only with symbols', () => {
    const program = { executable: '/usr/bin/mono-sgen', args: ['mono', 'app.exe'], hasMonoSymbols: true };
    assert.deepEqual(variablesOf('dotnet', {}, { program }), { MONO_ENV_OPTIONS: '--debug' });
    const before = { MONO_ENV_OPTIONS: '--gc=sgen' };
    assert.deepEqual(variablesOf('dotnet', before, { program }), { MONO_ENV_OPTIONS: '--debug --gc=sgen' });
  });
});

test('a path that a variable cannot hold', () => {
  assert.equal(variablesOf('python', {}, { probes: '/opt/a:b' }), null);
  assert.equal(variablesOf('ruby', {}, { probes: '/opt/a b' }), null);
  assert.equal(variablesOf('perl', {}, { probes: '/opt/a b' }), null);
  const quoted = { NODE_OPTIONS: '--require "/opt/a \\"b/bundled/probe.cjs"' };
  assert.deepEqual(variablesOf('node', {}, { probes: '/opt/a "b' }), quoted);
});

test('either exceptions are captured, or more is printed, or neither', () => {
  const both = RUNTIMES.filter((runtime) => hasProbe(runtime) && printsMore(runtime));
  assert.deepEqual(both, []);
  assert.deepEqual(RUNTIMES.filter(hasProbe), ['node', 'python', 'ruby', 'perl']);
});
