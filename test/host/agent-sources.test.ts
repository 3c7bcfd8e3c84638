import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceStatus } from '../../src/host/host-status.ts';
import { listChildren } from '../../src/worker/process-info.ts';
import { CHECKOUT, crashmon, startCrashmon } from '../support/crashmon.ts';
import { cleanEnvironment } from '../support/npm.ts';
import { type RunningProgram, runProgram } from '../support/run-program.ts';
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
  const valid = await crashmon(['agent', '--config', config, '--check-config'], { stateDir });
  assert.equal(valid.stdout, `The settings are valid: ${config}\n`);
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
});

const PM2 = path.join(CHECKOUT, 'test', 'apps', 'node_modules', 'pm2', 'bin', 'pm2');
const PM2_APP = `
function pay(order) { return order.total.value; }
process.on('SIGUSR2', () => pay({}));
require('node:fs').writeFileSync(process.env.READY + '/' + process.pid, '');
setInterval(() => {}, 1_000);
`;

type AgentEvent = { pid: number; captured: boolean; hasStack: boolean; runId: string };

/** What doctor says of a service, once the agent knows what it runs. */
async function doctorOf(name: string, stateDir: string): Promise<{ willCapture: unknown; reads: unknown }> {
  for (let isKnown = false; !isKnown; ) {
    const { stdout } = await crashmon(['status', '--json'], { stateDir });
    const { agent } = JSON.parse(stdout) as { agent?: { services: ServiceStatus[] } };
    isKnown = agent?.services.some(({ running }) => running != null && running.runtime !== null) === true;
  }
  const { stdout } = await crashmon(['doctor', '--service', name, '--json'], { stateDir });
  const { willCapture, reads } = JSON.parse(stdout);
  return { willCapture, reads };
}

for (const mode of ['fork', 'cluster']) {
  test(`an app of PM2 in ${mode} mode that throws is a crash, whatever its exit code, and is captured once it is armed`, async () => {
    await using directory = await temporaryDirectory('agent');
    const file = path.join(directory.path, 'shop.cjs');
    await writeFile(file, PM2_APP);
    const name = `shop-${randomUUID()}`;
    const home = path.join(directory.path, 'pm2');
    const pm2 = async (...args: string[]) => {
      const env = {
        ...cleanEnvironment(),
        PM2_HOME: home,
        READY: directory.path,
        PM2_DISABLE_VERSION_CHECK: 'true',
      };
      const { code, stdout, stderr } = await runProgram(process.execPath, [PM2, ...args], { env });
      assert.equal(code, 0, stdout + stderr);
    };
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => pm2('kill'));
    await pm2('start', file, '--name', name, ...(mode === 'cluster' ? ['-i', '1'] : []));
    await pm2('restart', name);
    const stateDir = path.join(directory.path, 'state');
    const config = path.join(directory.path, 'agent.toml');
    await writeFile(config, `include = ["${name}"]\narm-after = 1\n`);
    await using agent = startCrashmon(['agent', '--config', config, '--json'], {
      stateDir,
      deadlineMs: 300_000,
    });
    // The next run starts before the one before is settled.
    const seen = new Map<string, number>();
    const next = async (event: string): Promise<AgentEvent> => {
      const line = new RegExp(`^.*"app":"${name}","event":"${event}".*$`, 'm');
      const from = seen.get(event) ?? 0;
      const [found] = await agent.waitForLine('stderr', line, from);
      seen.set(event, agent.stderr.indexOf(found, from) + found.length);
      return JSON.parse(found);
    };
    const crash = async ({ pid }: { pid: number }) => {
      // PM2 reports a start before the app can take a signal.
      while (!existsSync(path.join(directory.path, String(pid)))) await delay(10);
      process.kill(pid, 'SIGUSR2');
      return next('ended');
    };
    const first = await next('started');
    assert.match(agent.stderr, /"restarts":1/);
    assert.deepEqual(await doctorOf(name, stateDir), { willCapture: true, reads: true });
    await crash(first);
    assert.equal((await next('last-words')).hasStack, true);
    const { stdout } = await crashmon(['crashes', '--app', name, '--json'], { stateDir });
    const crashes = JSON.parse(stdout) as { counted: boolean; reasonCode: string }[];
    assert.deepEqual(
      crashes.map(({ counted, reasonCode }) => [counted, reasonCode]),
      [[true, 'uncaught-exception']],
    );
    await crash(await next('started'));
    for (let attempt = 0; ; attempt++) {
      const { captured, runId } = await crash(await next('armed'));
      // A busy machine can be too slow for the time of a hold; then the next crash is captured.
      if (!captured && attempt < 12) continue;
      await next('report');
      const shown = await crashmon(['show', runId, '--app', name, '--json'], { stateDir });
      const report = JSON.parse(shown.stdout) as { exceptionType: string; frames: { function: string }[] };
      assert.deepEqual([report.exceptionType, report.frames[0]?.function], ['TypeError', 'pay']);
      break;
    }
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
  });
}

const MASTERS = path.join(CHECKOUT, 'test/fixtures/masters');

/** Ends workers by an exception until the words of one are known. */
async function wordsOfWorker(agent: RunningProgram, name: string, act: () => unknown): Promise<string> {
  const event = (what: string) => new RegExp(`"app":"${name}","event":"${what}"`);
  await agent.waitForLine('stderr', event('children'));
  for (let attempt = 1; ; attempt++) {
    await act();
    // Not all ends have words: a worker can end before it is watched, and on a busy machine its output can be late.
    for (let wait = 0; wait < 50 && !event('last-words').test(agent.stderr); wait++) await delay(100);
    const [line] = new RegExp(`^.*${event('last-words').source}.*$`, 'm').exec(agent.stderr) ?? [];
    if (line !== undefined) return (JSON.parse(line) as { runId: string }).runId;
    assert.ok(attempt < 40, agent.stderr);
  }
}

type Words = { exceptionType: string; proof: string; frames: { function: string }[] };

async function shownOf(stateDir: string, app: string, runId: string): Promise<unknown[]> {
  const { stdout } = await crashmon(['show', runId, '--app', app, '--json'], { stateDir });
  const { exceptionType, proof, frames } = JSON.parse(stdout) as Words;
  return [exceptionType, proof, frames[0]?.function];
}

test('what a worker below a master of PM2 printed last is known', async () => {
  await using directory = await temporaryDirectory('agent');
  await using cleanup = new AsyncDisposableStack();
  const name = `few-${randomUUID()}`;
  const config = path.join(directory.path, 'agent.toml');
  const stateDir = path.join(directory.path, 'state');
  await writeFile(config, `include = ["${name}"]\n`);
  const env = { ...cleanEnvironment(), PM2_HOME: path.join(directory.path, 'pm2') };
  const pm2 = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [PM2, ...args], {
      env,
      cwd: MASTERS,
    });
    assert.equal(code, 0, stdout + stderr);
  };
  cleanup.defer(() => pm2('kill'));
  const socket = path.join(directory.path, 'socket');
  const args = ['-b', `unix:${socket}`, '-w', '2', '-k', 'wsgi.Fragile', 'wsgi:app'];
  await pm2('start', '/usr/bin/gunicorn', '--interpreter', 'none', '--name', name, '--', ...args);
  await using agent = startCrashmon(['agent', '--config', config, '--json'], {
    stateDir,
    deadlineMs: 300_000,
  });
  const runId = await wordsOfWorker(agent, name, () =>
    runProgram('curl', ['--silent', '--unix-socket', socket, 'http://localhost/throw'], {}),
  );
  // All processes write to one output, so they can be another's.
  assert.deepEqual(await shownOf(stateDir, name, runId), ['wsgi.Fatal', 'likely', 'fails']);
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
});

test('what a worker below a process that is named printed last is known, where that is a file', async () => {
  await using directory = await temporaryDirectory('agent');
  const name = `few-${randomUUID()}`;
  const file = path.join(directory.path, `${name}.cjs`);
  await copyFile(path.join(MASTERS, 'cluster.cjs'), file);
  const config = path.join(directory.path, 'agent.toml');
  const stateDir = path.join(directory.path, 'state');
  await writeFile(config, `watch = ["${name}=* ${file}"]\ninclude = ["${name}"]\narm-after = 999\n`);
  const log = openSync(path.join(directory.path, 'error.log'), 'a');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'ignore', log], cwd: directory.path });
  closeSync(log);
  const exited = once(child, 'exit');
  try {
    await using agent = startCrashmon(['agent', '--config', config, '--json'], {
      stateDir,
      deadlineMs: 300_000,
    });
    const runId = await wordsOfWorker(agent, name, () =>
      process.kill(listChildren(child.pid ?? 0)[0] ?? 0, 'SIGUSR2'),
    );
    assert.deepEqual(await shownOf(stateDir, name, runId), ['TypeError', 'likely', 'Timeout.fails']);
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
});
