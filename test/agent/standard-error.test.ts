import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MAIN } from '../support/crashmon.ts';
import { assertNothingLeft, processesMarked, standardErrorFiles } from '../support/leftovers.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { fixture, startRun } from './run-worker.ts';

const MUCH = 100_000_000;
/** What is kept, what is reserved, and what a fast writer is ahead of the keeper. */
const BOUND = 64 * 1024 * 1024;
const COMMAND = fixture('writes-stderr.cjs', String(MUCH), 'waits');
const OPTIONS = ['--restart', 'never', '--quiet'];

/** There is no event for what other processes do to each other. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `waited in vain: ${condition}`);
    await delay(20);
  }
}

/** The most room that the standard-error file takes until `done`. */
async function mostUsed(stateDir: string, done: Promise<unknown>): Promise<number> {
  let most = 0;
  let ended = false;
  const end = done.finally(() => {
    ended = true;
  });
  // The caller gets the error, at the end.
  end.catch(() => {});
  while (!ended) {
    most = Math.max(most, usedBytes(stateDir));
    await delay(10);
  }
  await end;
  return most;
}

function usedBytes(stateDir: string): number {
  return standardErrorFiles(stateDir)
    .filter((file) => file.endsWith('.log'))
    .map((file) => statSync(file, { throwIfNoEntry: false })?.blocks ?? 0)
    .reduce((sum, blocks) => sum + blocks * 512, 0);
}

/** Has the worker write; it has its own standard output, so that nothing of ours is in between. */
async function writeMuch(stateDir: string, agent: RunningProgram, worker: number): Promise<void> {
  process.kill(worker, 'SIGUSR2');
  const said = agent.waitForLine('stdout', /^(?:wrote|failed) (.*)/, agent.stdout.length);
  const most = await mostUsed(stateDir, said);
  assert.equal((await said)[0], `wrote ${MUCH}`);
  assert.ok(most < BOUND, `the file grew to ${most} bytes`);
  assert.ok(most > 0);
  await settled(stateDir);
}

/** Once the keeper has caught up, no more is there than it keeps and reserves. */
async function settled(stateDir: string): Promise<void> {
  await until(() => !(usedBytes(stateDir) > 10 * 1024 * 1024));
}

async function startWaiting(stateDir: string): Promise<{ agent: RunningProgram; worker: number }> {
  const agent = startRun({ stateDir, options: OPTIONS, command: COMMAND });
  const [, pid] = await agent.waitForLine('stdout', /^running (\d+)/);
  // The keeper is at work when it has its first look at the file behind it.
  await until(() => isKept(stateDir));
  return { agent, worker: Number(pid) };
}

function isKept(stateDir: string): boolean {
  const [file = ''] = standardErrorFiles(stateDir);
  return file !== '' && processesMarked(file).some(({ commandLine }) => /^tail .* -c \+/.test(commandLine));
}

describe('the worker writes 100 MB to standard error, unharmed, while', () => {
  test('crashmon is stopped', async () => {
    await using state = await stateDirectory();
    const { agent, worker } = await startWaiting(state.path);
    await using _ = agent;
    agent.kill('SIGSTOP');
    await writeMuch(state.path, agent, worker);
    agent.kill('SIGCONT');
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
    assert.match(agent.stderr, /bytes of standard error dropped/);
    await assertNothingLeft(state.path);
    assert.deepEqual(standardErrorFiles(state.path), []);
  });

  test('crashmon is killed', async () => {
    await using state = await stateDirectory();
    const { agent, worker } = await startWaiting(state.path);
    await using _ = agent;
    agent.kill('SIGKILL');
    await agent.exited;
    // Its standard output is a pipe to us that it still has.
    const before = standardErrorFiles(state.path).length;
    assert.ok(before > 0);
    const size = () =>
      statSync(standardErrorFiles(state.path)[0] ?? '', { throwIfNoEntry: false })?.size ?? 0;
    process.kill(worker, 'SIGUSR2');
    const written = (async () => {
      await until(() => !(size() < MUCH));
    })();
    assert.ok((await mostUsed(state.path, written)) < BOUND);
    await settled(state.path);
    process.kill(worker, 'SIGTERM');
    await assertNothingLeft(state.path);
    assert.deepEqual(standardErrorFiles(state.path), []);
  });

  test('its keeper was killed, too', async () => {
    await using state = await stateDirectory();
    const { agent, worker } = await startWaiting(state.path);
    await using _ = agent;
    const [file = ''] = standardErrorFiles(state.path);
    // One that ends at once is not started again and again.
    await delay(1_100);
    const keepers = processesMarked(file).filter(({ commandLine }) =>
      /^(?:\/bin\/sh|tail) /.test(commandLine),
    );
    assert.equal(keepers.length, 2);
    for (const { pid } of keepers) process.kill(pid, 'SIGKILL');
    while (keepers.some(({ pid }) => processesMarked(file).some((other) => other.pid === pid)))
      await delay(5);
    await until(() => isKept(state.path));
    await writeMuch(state.path, agent, worker);
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
    await assertNothingLeft(state.path);
  });

  test('what crashmon passes on is not read', async () => {
    await using state = await stateDirectory();
    const script = `exec 3>&1; { ${[process.execPath, MAIN, 'run', '--name', 'app', ...OPTIONS, '--', ...COMMAND].join(' ')} & echo agent $! >&3; wait $!; echo ended $? >&3; } 2>&1 >&3 | sleep 60`;
    await using shell = startProgram('bash', ['-c', script], { env: { CRASHMON_STATE_DIR: state.path } });
    const [, agentPid] = await shell.waitForLine('stdout', /^agent (\d+)/);
    const [, pid] = await shell.waitForLine('stdout', /^running (\d+)/);
    await until(() => isKept(state.path));
    await writeMuch(state.path, shell, Number(pid));
    process.kill(Number(agentPid), 'SIGTERM');
    await shell.waitForLine('stdout', /^ended 0$/);
    await shell[Symbol.asyncDispose]();
    await assertNothingLeft(state.path);
  });

  test('who reads it closes the pipe', async () => {
    await using state = await stateDirectory();
    const script = `exec 3>&1; { ${[process.execPath, MAIN, 'run', '--name', 'app', ...OPTIONS, '--', ...COMMAND].join(' ')} & echo agent $! >&3; wait $!; echo ended $? >&3; } 2>&1 >&3 | head -c 10 > /dev/null`;
    await using shell = startProgram('bash', ['-c', script], { env: { CRASHMON_STATE_DIR: state.path } });
    const [, agentPid] = await shell.waitForLine('stdout', /^agent (\d+)/);
    const [, pid] = await shell.waitForLine('stdout', /^running (\d+)/);
    await until(() => isKept(state.path));
    await writeMuch(state.path, shell, Number(pid));
    process.kill(Number(agentPid), 'SIGTERM');
    await shell.waitForLine('stdout', /^ended 0$/);
    await assertNothingLeft(state.path);
  });

  test('who reads it takes little at a time', async () => {
    await using state = await stateDirectory();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const script = `exec 3<>/dev/tcp/127.0.0.1/${address.port}; exec "$@" 2>&3`;
    await using agent = startProgram(
      'bash',
      ['-c', script, 'bash', process.execPath, MAIN, 'run', '--name', 'app', ...OPTIONS, '--', ...COMMAND],
      { env: { CRASHMON_STATE_DIR: state.path } },
    );
    const [, pid] = await agent.waitForLine('stdout', /^running (\d+)/);
    await until(() => isKept(state.path));
    await writeMuch(state.path, agent, Number(pid));
    process.kill(agent.pid, 'SIGKILL');
    process.kill(Number(pid), 'SIGTERM');
    await agent.exited;
    server.close();
    await assertNothingLeft(state.path);
  });
});
