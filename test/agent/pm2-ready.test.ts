import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { cleanEnvironment } from '../support/npm.ts';
import { runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from './native/armed.ts';

const PM2 = path.join(CHECKOUT, 'test', 'apps', 'node_modules', 'pm2', 'bin', 'pm2');
const SERVER = path.join(CHECKOUT, 'test', 'fixtures', 'parent', 'is-ready-for-pm2.cjs');
/** Without the message PM2 waits for all of it, and the test fails before. */
const LISTEN_TIMEOUT = '600000';

test('PM2 waits until the worker says that it is ready, and asks it to end by a message', async () => {
  await using state = await stateDirectory();
  await using home = await temporaryDirectory('pm2');
  const output = path.join(home.path, 'out.log');
  const env = { PM2_HOME: home.path, PM2_DISABLE_VERSION_CHECK: 'true', CRASHMON_STATE_DIR: state.path };
  const pm2 = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [PM2, ...args], {
      cwd: home.path,
      env: { ...cleanEnvironment(), ...env },
    });
    assert.equal(code, 0, stdout + stderr);
  };
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => pm2('kill'));
  const line = '--interpreter none --no-treekill --kill-timeout 12000 --name shop --shutdown-with-message';
  await pm2(
    ...['start', path.join(CHECKOUT, 'crashmon'), ...line.split(' '), '--output', output],
    ...['--wait-ready', '--listen-timeout', LISTEN_TIMEOUT],
    ...['--', 'run', '--name', 'shop', '--restart', 'never', '--', process.execPath, SERVER],
  );
  await until('the first server is up', () => /^serving \d+\n$/.test(readFileSync(output, 'utf8')));
  await pm2('restart', 'shop');
  // PM2 writes what it read from the server a moment later than it answers.
  await until('the next one took its place', () =>
    /^serving \d+\nreceived shutdown\nserving \d+\n$/.test(readFileSync(output, 'utf8')),
  );
  await pm2('kill');
  await assertNothingLeft(state.path);
});
