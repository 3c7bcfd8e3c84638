import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../support/crashmon.ts';
import { isRunning } from '../support/is-running.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { cleanEnvironment } from '../support/npm.ts';
import { runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PM2 = path.join(CHECKOUT, 'test', 'apps', 'node_modules', 'pm2', 'bin', 'pm2');
const SERVER = path.join(CHECKOUT, 'test', 'fixtures', 'agent', 'serves.cjs');

test('pm2 stop and start, again and again: each time the server ends, and comes back', async () => {
  await using state = await stateDirectory();
  await using home = await temporaryDirectory('pm2');
  const output = path.join(home.path, 'out.log');
  const env = { PM2_HOME: home.path, PM2_DISABLE_VERSION_CHECK: 'true', CRASHMON_STATE_DIR: state.path };
  const pm2 = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [PM2, ...args], {
      env: { ...cleanEnvironment(), ...env },
    });
    assert.equal(code, 0, stdout + stderr);
  };
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => pm2('kill'));
  // As in docs/operations.md, but for the log.
  const line = '--interpreter none --no-treekill --kill-timeout 12000 --name shop';
  const start = `'${process.execPath}' '${SERVER}' ${randomUUID()}; true`;
  await writeFile(path.join(home.path, 'package.json'), JSON.stringify({ name: 'shop', scripts: { start } }));
  await pm2(
    ...['start', path.join(CHECKOUT, 'crashmon'), ...line.split(' '), '--output', output, '--cwd', home.path],
    ...['--', 'run', '--name', 'shop', '--restart', 'never', '--', 'npm', 'start'],
  );
  for (let starts = 1; ; starts += 1) {
    const pid = await lastServing(output, starts);
    await pm2('stop', 'shop');
    assert.equal(isRunning(pid), false);
    if (starts === 3) break;
    await pm2('start', 'shop');
  }
  assert.doesNotMatch(readFileSync(output, 'utf8'), /refused/);
  await pm2('kill');
  await assertNothingLeft(state.path);
});

/** PM2 writes what an app says into a file. */
async function lastServing(file: string, count: number): Promise<number> {
  for (const deadline = performance.now() + 120_000; ; ) {
    const text = readFileSync(file, 'utf8');
    const found = [...text.matchAll(/serving (\d+)/g)];
    if (found.length >= count) return Number(found.at(-1)?.[1]);
    assert.ok(performance.now() < deadline, text);
    await delay(20);
  }
}
