import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentFile, ownNodeOptions, probeEnvironment } from './unit-environment.ts';

const PROBES = '/usr/lib/crash mon/probe';
const LOADS = `--require "${PROBES}/bundled/probe.cjs"`;

test('what the service has in NODE_OPTIONS stays, behind the probe', () => {
  const environment = probeEnvironment('--max-old-space-size=99', PROBES, '/run/x/probe');
  assert.deepEqual(environment, {
    NODE_OPTIONS: `${LOADS} --max-old-space-size=99`,
    CRASHMON_PROBE_FIFO: '/run/x/probe',
  });
  assert.equal(
    environmentFile(environment ?? {}),
    `NODE_OPTIONS="--require \\"${PROBES}/bundled/probe.cjs\\" --max-old-space-size=99"\n` +
      'CRASHMON_PROBE_FIFO="/run/x/probe"\n',
  );
});

test('its own options are found again in what it was started with', () => {
  for (const own of [null, '--inspect', '--title="a b"', '--require /other.cjs']) {
    const { NODE_OPTIONS: value = null } = probeEnvironment(own, PROBES, '/run/x/probe') ?? {};
    assert.equal(ownNodeOptions(value, PROBES), own);
    assert.equal(ownNodeOptions(own, PROBES), own);
  }
});

test('a value that cannot be in such a file is left alone', () => {
  for (const own of ['a\nb', 'a\x1bb', 'a\ufffdb', 'x'.repeat(5_000)]) {
    assert.equal(probeEnvironment(own, PROBES, '/run/x/probe'), null, JSON.stringify(own.slice(0, 5)));
  }
  assert.equal(environmentFile({ A: '$HOME `id` \\ "' }), 'A="\\$HOME \\`id\\` \\\\ \\""\n');
});
