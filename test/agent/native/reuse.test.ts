import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT } from '../../support/crashmon.ts';
import { assertNothingLeft, processesMarked } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { startRun } from '../run-worker.ts';
import { debuggersOf, pidOf, startArmed, tracerOf, until, untilAttached } from './armed.ts';

const FAULTS = path.join(CHECKOUT, 'test', 'fixtures', 'run', 'faults.cjs');
const ON_INPUT = [process.execPath, FAULTS, 'SIGSEGV', 'input'];

describe('a debugger that waits for the next worker', () => {
  test('is the one of the worker before', async () => {
    await using state = await stateDirectory();
    const options = ['--cooldown', '0'];
    await using agent = await startArmed({ stateDir: state.path, options, command: ON_INPUT, input: 'open' });
    const first = pidOf(agent);
    // While it starts, gdbserver has a child by which it tries out ptrace(2).
    await until('there is one debugger', () => debuggersOf(state.path).length === 1);
    // On a busy machine one that is not free in time is not waited for.
    let before = tracerOf(first);
    for (let crash = 0, reused = 0; reused < 3; crash++) {
      assert.ok(crash < 20, 'it is not used again');
      const printed = agent.stderr.length;
      agent.stdin.write('\n');
      await agent.waitForLine('stderr', /"event":"ended".*"signal":"SIGSEGV"/, printed);
      await untilAttached(agent, printed);
      const tracer = tracerOf(pidOf(agent));
      reused += tracer === before ? 1 : 0;
      before = tracer;
    }
    const last = pidOf(agent);
    assert.notEqual(last, first);

    agent.kill('SIGKILL');
    await agent.exited;
    await until('it is detached', () => tracerOf(last) === 0);
    await until('no debugger is left', () => debuggersOf(state.path).length === 0);
    process.kill(last, 'SIGKILL');
    await until('nothing runs any more', () => processesMarked(state.path).length === 0);
  });

  test('is not kept for one that is not armed', async () => {
    await using state = await stateDirectory();
    const options = ['--cooldown', '1h'];
    await using agent = await startArmed({ stateDir: state.path, options, command: ON_INPUT, input: 'open' });
    agent.stdin.write('\n');
    await agent.waitForLine('stderr', /"event":"started".*"armed":false,"restarts":1/);
    await until('no debugger is left', () => debuggersOf(state.path).length === 0);
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`is there during the back-off, and ends with crashmon (${signal})`, async () => {
      await using state = await stateDirectory();
      const delays = ['--restart-delay', '1h', '--restart-delay-max', '1h'];
      const options = ['--arm-after', '0', '--cooldown', '0', ...delays, '--json'];
      await using agent = startRun({
        stateDir: state.path,
        options,
        command: [process.execPath, FAULTS, 'SIGSEGV', '1'],
      });
      await agent.waitForLine('stderr', /"event":"restarting"/);
      await until('it is there', () => debuggersOf(state.path).length === 1);
      agent.kill(signal);
      await agent.exited;
      await until('no debugger is left', () => debuggersOf(state.path).length === 0);
    });
  }
});
