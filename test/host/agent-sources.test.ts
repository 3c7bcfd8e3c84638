import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon, startCrashmon } from '../support/crashmon.ts';
import { cleanEnvironment } from '../support/npm.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const APP = `
console.log('ready');
function pay(order) { return order.total.value; }
process.stdin.once('data', () => pay({}));
`;

test('an agent on a host without systemd: a process that is named is watched, and why it ended is known', async () => {
  await using directory = await temporaryDirectory('agent');
  const name = `bot-${randomUUID()}`;
  const file = path.join(directory.path, `${name}.cjs`);
  await writeFile(file, APP);
  const config = path.join(directory.path, 'agent.toml');
  const settings = (armAfter: string) =>
    writeFileSync(
      config,
      `watch = ["${name}=*${name}.cjs"]\ninclude = ["${name}"]\n[apps.${name}]\narm-after = ${armAfter}\n`,
    );
  settings('1');
  const stateDir = path.join(directory.path, 'state');
  const options = ['--config', config, '--json'];
  await using agent = startCrashmon(['agent', ...options], { stateDir, deadlineMs: 120_000 });
  await agent.waitForLine('stderr', /"event":"watching"/);

  const log = openSync(path.join(directory.path, 'error.log'), 'a');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', log], cwd: directory.path });
  closeSync(log);
  assert.ok(child.stdin !== null && child.stdout !== null);
  await once(child.stdout, 'data');
  await agent.waitForLine('stderr', new RegExp(`"app":"${name}","event":"started"`));
  child.stdin.write('\n');
  await agent.waitForLine('stderr', /"event":"last-words"/);
  const shown = await crashmon(['show', '--app', name], { stateDir });
  assert.match(shown.stdout, /uncaught TypeError[\s\S]*pay +bot-/);

  settings('"many"');
  process.kill(agent.pid, 'SIGHUP');
  await agent.waitForLine('stderr', /changed settings are not used.*line 4: arm-after: /);
  const checked = await crashmon(['agent', '--config', config, '--check-config'], { stateDir });
  assert.equal(checked.code, 2);
  assert.match(checked.stderr, /line 4: arm-after: Give a whole number/);
  settings('2');
  const before = agent.stderr.length;
  process.kill(agent.pid, 'SIGHUP');
  await agent.waitForLine('stderr', /"event":"watching","count":1,/, before);
  assert.match(
    (await crashmon(['agent', '--config', config, '--check-config'], { stateDir })).stdout,
    /valid/,
  );
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
});

const PM2 = path.join(CHECKOUT, 'test', 'apps', 'node_modules', 'pm2', 'bin', 'pm2');
const PM2_APP = `
function pay(order) { return order.total.value; }
process.on('SIGUSR2', () => pay({}));
setInterval(() => {}, 1_000);
`;

for (const mode of ['fork', 'cluster']) {
  test(`an app of PM2 in ${mode} mode that throws is a crash, whatever its exit code`, async () => {
    await using directory = await temporaryDirectory('agent');
    const file = path.join(directory.path, 'shop.cjs');
    await writeFile(file, PM2_APP);
    const name = `shop-${randomUUID()}`;
    const home = path.join(directory.path, 'pm2');
    const pm2 = async (...args: string[]) => {
      const env = { ...cleanEnvironment(), PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' };
      const { code, stdout, stderr } = await runProgram(process.execPath, [PM2, ...args], { env });
      assert.equal(code, 0, stdout + stderr);
    };
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => pm2('kill'));
    await pm2('start', file, '--name', name, ...(mode === 'cluster' ? ['-i', '1'] : []));
    await pm2('restart', name);
    const stateDir = path.join(directory.path, 'state');
    const config = path.join(directory.path, 'agent.toml');
    await writeFile(config, `include = ["${name}"]\n`);
    await using agent = startCrashmon(['agent', '--config', config, '--json'], {
      stateDir,
      deadlineMs: 120_000,
    });
    const [, pid] = await agent.waitForLine(
      'stderr',
      new RegExp(`"app":"${name}","event":"started".*"pid":(\\d+).*"restarts":1`),
    );
    process.kill(Number(pid), 'SIGUSR2');
    await agent.waitForLine('stderr', /"event":"ended"/);
    const { stdout } = await crashmon(['crashes', '--app', name, '--json'], { stateDir });
    const crashes = JSON.parse(stdout) as { counted: boolean; reasonCode: string }[];
    assert.deepEqual(
      crashes.map(({ counted, reasonCode }) => [counted, reasonCode]),
      [[true, mode === 'cluster' ? 'uncaught-exception' : 'unknown']],
    );
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
  });
}
