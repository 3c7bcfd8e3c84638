import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startCrashmon } from '../../support/crashmon.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

test('a portal becomes small as the process it was, with all that it was given', async () => {
  await using directory = await temporaryDirectory('small');
  const options = ['--json', '--port', '0', '--data-dir', directory.path];
  await using program = startCrashmon(['portal', ...options], {
    stateDir: directory.path,
    deadlineMs: 120_000,
    env: { CRASHMON_METRICS_TOKEN: 'a token', NODE_OPTIONS: '--stack-trace-limit=17' },
  });
  await program.waitForLine('stdout', /"event":"listening"/);
  const environment = readFileSync(`/proc/${program.pid}/environ`, 'utf8').split('\0');
  for (const kept of [
    'MALLOC_ARENA_MAX=1',
    'CRASHMON_METRICS_TOKEN=a token',
    'NODE_OPTIONS=--stack-trace-limit=17',
    `CRASHMON_STATE_DIR=${directory.path}`,
  ]) {
    assert.ok(environment.includes(kept), kept);
  }
});
