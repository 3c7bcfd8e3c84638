import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startCrashmon } from '../support/crashmon.ts';
import { Receiver } from '../support/telemetry/receiver.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('a service goes on where the agent no longer sends, so it is not reported as stopped', async () => {
  await using directory = await temporaryDirectory('agent');
  await using receiver = await Receiver.start();
  const name = `bot-${randomUUID()}`;
  const file = path.join(directory.path, `${name}.cjs`);
  writeFileSync(file, "console.log('ready'); process.stdin.resume();");
  await using cleanup = new AsyncDisposableStack();
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'ignore'] });
  cleanup.defer(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const config = path.join(directory.path, 'agent.toml');
  const settings = `watch = ["${name}=*${name}.cjs"]\ninclude = ["${name}"]\n`;
  writeFileSync(config, `${settings}otlp-endpoint = "${receiver.url}"\n`);
  const stateDir = path.join(directory.path, 'state');
  await using agent = startCrashmon(['agent', '--config', config, '--json'], {
    stateDir,
    deadlineMs: 120_000,
  });
  await receiver.record('heartbeat');
  assert.equal(receiver.requests[0]?.resource['crashmon.source'], 'process');
  writeFileSync(config, settings);
  const before = agent.stderr.length;
  process.kill(agent.pid, 'SIGHUP');
  await agent.waitForLine('stderr', new RegExp(`"app":"${name}","event":"started"`), before);
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
  assert.deepEqual(
    receiver.taken.filter((record) => 'stopped' in record && record.stopped),
    [],
  );
});
