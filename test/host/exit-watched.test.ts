import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { crashmon, startCrashmon } from '../support/crashmon.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('a native program that the exit watch traces is never said to be armed, nor attached to', async () => {
  await using directory = await temporaryDirectory('agent');
  const name = `wait-${randomUUID()}`;
  const stateDir = path.join(directory.path, 'state');
  await using cleanup = new AsyncDisposableStack();
  // A program of its own command line.
  const child = spawn('sleep', ['600'], { argv0: name, stdio: 'ignore' });
  cleanup.defer(() => void child.kill('SIGKILL'));
  await using agent = startCrashmon(['agent', '--watch', `${name}=${name}*`, '--include', name, '--json'], {
    stateDir,
    deadlineMs: 120_000,
  });
  await agent.waitForLine('stderr', new RegExp(`"app":"${name}","event":"started"`), 0);
  // Its state is written a second later.
  while (!(await crashmon(['status'], { stateDir })).stdout.includes('no capture possible')) await delay(100);
  for (const verb of ['arm', 'status']) {
    const { stdout, stderr } = await crashmon([verb, name], { stateDir });
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      /watching.*the one tracer that this process can have/,
      verb + stderr,
    );
    assert.doesNotMatch(stdout, /armed|attached/);
  }
  const session = await crashmon(['session', 'start', name], { stateDir });
  assert.equal(session.code, 2, session.stderr);
  assert.match(session.stderr, /There would be no dump of wait-.*the one tracer/);
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
  assert.doesNotMatch(agent.stderr, /cannot be captured/);
});

test('a session keeps the first exception of a Node.js program that the exit watch traces, and says what it cannot keep', async () => {
  await using directory = await temporaryDirectory('agent');
  const stateDir = path.join(directory.path, 'state');
  const [shop, java] = [`shop-${randomUUID().slice(0, 8)}`, `java-${randomUUID().slice(0, 8)}`];
  await using cleanup = new AsyncDisposableStack();
  const script = 'process.stdin.once("data", () => { null.order }); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', script, shop], { stdio: ['pipe', 'ignore', 'ignore'] });
  cleanup.defer(() => void child.kill('SIGKILL'));
  // What a process runs is known by the name of its executable.
  const executable = path.join(directory.path, 'java');
  copyFileSync('/bin/sleep', executable);
  const sleeper = spawn(executable, ['600'], { argv0: java, stdio: 'ignore' });
  cleanup.defer(() => void sleeper.kill('SIGKILL'));
  const watch = ['--watch', `${shop}=* ${shop}`, '--watch', `${java}=${java}*`];
  const include = ['--include', shop, '--include', java];
  await using agent = startCrashmon(['agent', ...watch, ...include, '--json'], {
    stateDir,
    deadlineMs: 120_000,
  });
  for (const name of [shop, java])
    await agent.waitForLine('stderr', new RegExp(`"app":"${name}","event":"started"`), 0);
  while (!(await crashmon(['status'], { stateDir })).stdout.includes(java)) await delay(100);
  const start = async (...args: string[]) => {
    const { stdout, stderr } = await crashmon(['session', 'start', ...args], { stateDir });
    return `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
  };
  assert.match(
    await start(java),
    /Nothing is attached .* attaches nothing to Java; .* Files that its runtime writes/,
  );
  while (!/attaches\s+nothing\s+to\s+Java/.test((await crashmon(['status', java], { stateDir })).stdout))
    await delay(100);
  assert.match(await start(shop, '--full'), /--full is for fatal signals/);
  const recipient = await identityToRecipient(await generateIdentity());
  assert.match(await start(shop, '--key', recipient), /The process that runs is being attached/);
  await agent.waitForLine('stderr', new RegExp(`"app":"${shop}","event":"armed"`), 0);
  child.stdin.end('an order');
  await once(child, 'exit');
  await agent.waitForLine('stderr', new RegExp(`"app":"${shop}","event":"dump"`), 0);
  const { stdout } = await crashmon(['session', 'dumps', shop, '--json'], { stateDir });
  const { dumps } = JSON.parse(stdout) as { dumps: { id: string }[] };
  assert.equal(dumps.length, 1);
  const shown = await crashmon(['session', 'show', dumps[0]?.id ?? ''], { stateDir });
  assert.match(shown.stdout, /Registers: in the dump .*--identity/);
  await crashmon(['session', 'stop', shop], { stateDir });
  assert.match(await start(shop), /No process runs now: the next one will be attached/);
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
  assert.doesNotMatch(agent.stderr, /cannot be captured/);
});
