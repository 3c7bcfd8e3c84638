import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAIN } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { exitsOf, fixture, startRun } from './run-worker.ts';

const ENDS = fixture('prints-signals.cjs', 'ends');
const STAYS = fixture('prints-signals.cjs', 'stays');

describe('a stop', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
    test(`${signal} reaches the worker, whose graceful end is crashmon's`, async () => {
      await using state = await stateDirectory();
      await using agent = startRun({ stateDir: state.path, command: [...ENDS, '42'] });
      await agent.waitForLine('stdout', /^running/);
      agent.kill(signal);
      const { code, stdout } = await agent.exited;
      assert.equal(code, 42);
      assert.deepEqual(stdout.match(/got .*/g), [`got ${signal}`]);
      const [exit] = exitsOf(state.path);
      assert.equal(exit?.counted, false);
      assert.match(exit?.reason ?? '', /stopped on request/);
      await assertNothingLeft(state.path);
    });
  }

  test('a second one is passed on as well', async () => {
    await using state = await stateDirectory();
    await using agent = startRun({ stateDir: state.path, command: ENDS });
    await agent.waitForLine('stdout', /^running/);
    agent.kill('SIGTERM');
    await agent.waitForLine('stdout', /^got SIGTERM/);
    agent.kill('SIGTERM');
    const { code, stdout } = await agent.exited;
    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/got .*/g), ['got SIGTERM', 'got SIGTERM']);
  });

  test('a worker that ignores it is killed after --stop-timeout, and not before', async () => {
    await using state = await stateDirectory();
    await using agent = startRun({
      stateDir: state.path,
      options: ['--stop-timeout', '700ms'],
      command: STAYS,
    });
    await agent.waitForLine('stdout', /^running/);
    const askedAt = performance.now();
    agent.kill('SIGTERM');
    const { signal } = await agent.exited;
    assert.equal(signal, 'SIGKILL');
    assert.ok(performance.now() - askedAt >= 690);
    await assertNothingLeft(state.path);
  });

  test('a time limit beyond what a timer can hold is a long one', async () => {
    await using state = await stateDirectory();
    await using agent = startRun({
      stateDir: state.path,
      options: ['--stop-timeout', '60d'],
      command: ENDS,
    });
    await agent.waitForLine('stdout', /^running/);
    agent.kill('SIGTERM');
    assert.deepEqual([(await agent.exited).code, (await agent.exited).signal], [0, null]);
  });

  test('during the wait before a restart it ends crashmon at once, of the signal', async () => {
    await using state = await stateDirectory();
    const options = ['--restart-delay', '60s', '--restart-delay-max', '60s'];
    await using agent = startRun({ stateDir: state.path, options, command: ['sh', '-c', 'exit 3'] });
    await agent.waitForLine('stderr', /restarting app in/);
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).signal, 'SIGTERM');
    await assertNothingLeft(state.path);
  });

  test('during the wait for a command that vanished as well', async () => {
    await using state = await stateDirectory();
    const command = `${state.path}/server`;
    const script = '#!/bin/sh\nrm "$0"; exit 1\n';
    await using _ = startProgram('sh', ['-c', `printf '${script}' > ${command}; chmod +x ${command}`]);
    await _.exited;
    await using agent = startRun({
      stateDir: state.path,
      options: ['--restart-delay', '0'],
      command: [command],
    });
    await agent.waitForLine('stderr', /cannot be restarted: command not found/);
    agent.kill('SIGINT');
    assert.equal((await agent.exited).signal, 'SIGINT');
  });

  test('at any moment of the start it is no signal lost and no worker left', async () => {
    await using state = await stateDirectory();
    for (let waitMs = 20; waitMs <= 260; waitMs += 40) {
      await using agent = startRun({ stateDir: state.path, command: ENDS });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      agent.kill('SIGTERM');
      const { code, signal } = await agent.exited;
      assert.ok(signal === 'SIGTERM' || code === 0, `after ${waitMs} ms: ${code} ${signal}`);
      await assertNothingLeft(state.path);
    }
  });
});

test('other signals arrive, each once', async () => {
  await using state = await stateDirectory();
  await using agent = startRun({ stateDir: state.path, command: ENDS });
  await agent.waitForLine('stdout', /^running/);
  const others = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;
  for (const signal of others) {
    agent.kill(signal);
    await agent.waitForLine('stdout', new RegExp(`^got ${signal}`));
  }
  agent.kill('SIGTERM');
  const { code, stdout } = await agent.exited;
  assert.equal(code, 0);
  assert.deepEqual(
    stdout.match(/got .*/g),
    [...others, 'SIGTERM'].map((signal) => `got ${signal}`),
  );
});

test('a worker killed by a forwarded signal did not crash', async () => {
  await using state = await stateDirectory();
  await using agent = startRun({
    stateDir: state.path,
    command: ['sh', '-c', 'echo running; exec sleep 60'],
  });
  await agent.waitForLine('stdout', /^running/);
  agent.kill('SIGUSR2');
  assert.equal((await agent.exited).signal, 'SIGUSR2');
  assert.equal(exitsOf(state.path)[0]?.counted, false);
});

test('Ctrl-C in a terminal reaches the worker once', async () => {
  await using state = await stateDirectory();
  const words = [process.execPath, MAIN, 'run', '--name', 'app', '--', ...ENDS];
  // script(1) makes the terminal, and what is written to it is typed there.
  await using terminal = startProgram(
    'script',
    // `exec`: a shell that stays would get the SIGINT too, and end of it (dash does).
    ['-qfec', `exec ${words.map((word) => `'${word}'`).join(' ')}`, '/dev/null'],
    { env: { CRASHMON_STATE_DIR: state.path }, input: 'open' },
  );
  await terminal.waitForLine('stdout', /running/);
  terminal.stdin.write('\x03');
  const { code } = await terminal.exited;
  assert.equal(code, 0);
  assert.deepEqual(terminal.stdout.match(/got \w+/g), ['got SIGINT']);
  await assertNothingLeft(state.path);
});

test('a terminal that hangs up reaches the worker once', async () => {
  await using state = await stateDirectory();
  const log = `${state.path}/log`;
  const words = [process.execPath, MAIN, 'run', '--name', 'app', '--', ...ENDS].map((word) => `'${word}'`);
  await using terminal = startProgram(
    'script',
    // crashmon leads the session of this terminal: no other process gets SIGHUP when it hangs up.
    ['-qfec', `exec ${words.join(' ')} > ${log}; `, '/dev/null'],
    { env: { CRASHMON_STATE_DIR: state.path }, input: 'open' },
  );
  await using reader = startProgram('sh', [
    '-c',
    `until [ -e ${log} ]; do sleep 0.05; done; exec tail -n +1 -f ${log}`,
  ]);
  const [, pid] = await reader.waitForLine('stdout', /^running (\d+)/);
  process.kill(terminal.pid, 'SIGKILL');
  await reader.waitForLine('stdout', /^got SIGHUP/);
  process.kill(Number(pid), 'SIGTERM');
  await reader.waitForLine('stdout', /^got SIGTERM/);
  assert.deepEqual(reader.stdout.match(/got .*/g), ['got SIGHUP', 'got SIGTERM']);
  await reader[Symbol.asyncDispose]();
  await assertNothingLeft(state.path);
});
