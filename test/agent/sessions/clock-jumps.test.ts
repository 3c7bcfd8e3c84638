import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { WallClock } from '../../chaos/system/wall-clock.ts';
import { crashmon } from '../../support/crashmon.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { pidOf, tracerOf, until, untilAttached } from '../native/armed.ts';
import { startRun } from '../run-worker.ts';

const JUMP_MS = 400 * 24 * 60 * 60_000;

test('a session keeps dumps while the clock jumps in both directions, and then ends in its time', async () => {
  await using compiler = await nativeCompiler();
  await using state = await stateDirectory();
  const program = await compiler.compile('waits-to-crash.c');
  const library = await compiler.compile('../chaos/jumping-clock.c', ['-O1', '-shared', '-fPIC']);
  const clock = new WallClock(path.join(state.path, 'clock'), library);
  const own = { stateDir: state.path, env: clock.env };
  await using agent = startRun({
    ...own,
    ...{ options: ['--restart-delay', '0', '--json'], command: [program, '1'], input: 'open' },
  });
  const session = async (...args: string[]) => {
    const { code, stdout, stderr } = await crashmon(['session', ...args], own);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const crash = async () => {
    await until('it is attached', () => tracerOf(pidOf(agent)) > 0);
    const from = agent.stderr.length;
    agent.stdin.write('\n');
    await agent.waitForLine('stderr', /"event":"dump","runId":"\w+","why":null/, from);
    await agent.waitForLine('stderr', /"event":"started"/, from);
  };
  await agent.waitForLine('stdout', /ready/);
  await agent.waitForLine('stderr', /"event":"started"/);
  await session('start', 'app', '--for', '1h', '--max-dumps', '9');
  await untilAttached(agent);
  for (const byMs of [JUMP_MS, -JUMP_MS]) {
    clock.jump(byMs);
    await crash();
    const { sessions } = JSON.parse(await session('list', '--json')) as {
      sessions: { state: string; endsAt: string }[];
    };
    assert.equal(sessions[0]?.state, 'running');
    const leftMs = Date.parse(sessions[0]?.endsAt ?? '') - (Date.now() + byMs);
    assert.ok(leftMs > 0 && leftMs < 3_700_000, `${leftMs} ms left by the clock of now`);
  }
  await session('stop', 'app');
  await until('it is detached', () => tracerOf(pidOf(agent)) === 0);

  await session('start', 'app', '--for', '6s');
  clock.jump(-2 * JUMP_MS);
  // Not by what the agent prints: on a slow machine it may attach nothing in that time.
  while (!/time of the last session is over: 0 dumps were kept/.test(await session('list')));
  await until('it is detached again', () => tracerOf(pidOf(agent)) === 0);
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
});
