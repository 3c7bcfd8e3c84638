import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
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
