import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { crashmon, MAIN } from '../../support/crashmon.ts';
import { assertNothingLeft, untilNoneMarked } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { type RunningProgram, startProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf, fixture, startRun, type Watched } from '../run-worker.ts';
import { debuggersOf, pidOf, tracerOf, until, untilAttached } from './armed.ts';

/** As on a kernel that lets only ancestors trace (ptrace_scope 1), which the machines of the tests are not. */
function start({ options = [], ...rest }: Watched): RunningProgram {
  const always = ['--arm-after', '0', '--restart-delay', '0', '--cooldown', '0', '--json'];
  return startRun({ ...rest, options: [...always, ...options], env: { CRASHMON_DEBUGGER: 'parent' } });
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

const NEVER = ['--restart', 'never'];

describe('a worker whose debugger is its ancestor', { concurrency: 2 }, () => {
  test('is traced by its parent’s parent', async () => {
    await using state = await stateDirectory();
    await using agent = start({ stateDir: state.path, command: fixture('prints-signals.cjs', 'ends') });
    await untilAttached(agent);
    await agent.waitForLine('stdout', /^running/);
    const worker = pidOf(agent);
    assert.equal(tracerOf(worker), parentOf(parentOf(worker)));
    // Beside that of the self-test.
    assert.ok(debuggersOf(state.path).includes(tracerOf(worker)));
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
    assert.match(agent.stdout, /got SIGTERM/);
    await assertNothingLeft(state.path);
  });

  test('how it exits is known', async () => {
    await using state = await stateDirectory();
    for (const [script, code, signal] of [
      ['process.exit(7)', 7, null],
      ['process.exit(139)', 139, null],
      ['process.kill(process.pid, "SIGUSR2")', null, 'SIGUSR2'],
    ] as const) {
      const command = [process.execPath, '-e', script];
      await using agent = start({ stateDir: state.path, options: NEVER, command });
      const end = await agent.exited;
      assert.deepEqual([end.code, end.signal], [code, signal]);
      assert.deepEqual(exitsOf(state.path)[0]?.exit, { code, signal });
    }
    await assertNothingLeft(state.path);
  });

  test('its death is captured, however soon', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('dies-of-signal.c');
    const command = [program, 'SIGSEGV', '2', 'now'];
    // It is again and again: on a busy machine a worker does not wait for its debugger for ever.
    await using agent = start({ stateDir: state.path, command });
    await agent.waitForLine('stderr', /"event":"report"/);
    agent.kill('SIGTERM');
    await agent.exited;
    const report = await untilReported(state.path);
    assert.ok((report.frames[0]?.trust ?? '') === 'ip', JSON.stringify(report.frames[0]));
    assert.doesNotMatch(agent.stderr, /Segmentation fault/, 'what a shell says of it is not the worker’s');
    await assertNothingLeft(state.path);
  });

  test('behind a shell, the process that does the work is traced', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('dies-of-signal.c');
    const command = ['sh', '-c', `sleep 0.2; "${program}" SIGSEGV; exit $?`];
    await using agent = start({ stateDir: state.path, options: NEVER, command, input: 'open' });
    await untilAttached(agent);
    assert.equal(tracerOf(pidOf(agent)), 0);
    agent.stdin.write('\n');
    const { code, signal } = await agent.exited;
    assert.deepEqual([code, signal], [139, null]);
    assert.deepEqual(exitsOf(state.path)[0]?.exit, { code, signal });
    assert.equal((await untilReported(state.path)).fault?.summary, 'null-access');
    await assertNothingLeft(state.path);
  });

  test('Ctrl-C reaches it once, and how it ended is known', async () => {
    await using state = await stateDirectory();
    const run = [process.execPath, MAIN, 'run', '--name', 'app', '--arm-after', '0', '--'];
    const words = [...run, ...fixture('prints-signals.cjs', 'ends', '5')].map((word) => `'${word}'`);
    // script(1) makes the terminal. `exec`: a shell that stays would get the SIGINT, too.
    await using terminal = startProgram('script', ['-qfec', `exec ${words.join(' ')}`, '/dev/null'], {
      env: { CRASHMON_STATE_DIR: state.path, CRASHMON_DEBUGGER: 'parent' },
      input: 'open',
    });
    const [, worker] = await terminal.waitForLine('stdout', /running (\d+)/);
    assert.ok(tracerOf(Number(worker)) > 0);
    terminal.stdin.write('\x03');
    assert.equal((await terminal.exited).code, 5);
    assert.deepEqual(terminal.stdout.match(/got \w+/g), ['got SIGINT']);
    assert.deepEqual(exitsOf(state.path)[0]?.exit, { code: 5, signal: null });
    await assertNothingLeft(state.path);
  });

  test('how it ends is known also when its debugger was killed', async () => {
    await using state = await stateDirectory();
    const script = 'process.stdin.once("data", () => process.exit(139)); console.log("running")';
    const command = [process.execPath, '-e', script];
    await using agent = start({ stateDir: state.path, options: NEVER, command, input: 'open' });
    await untilAttached(agent);
    await agent.waitForLine('stdout', /^running/);
    process.kill(tracerOf(pidOf(agent)), 'SIGKILL');
    await agent.waitForLine('stderr', /the debugger was lost/);
    agent.stdin.write('\n');
    const { code, signal } = await agent.exited;
    assert.deepEqual([code, signal], [139, null]);
  });

  const itself = fixture('prints-signals.cjs', 'ends');
  for (const [what, command] of [
    ['it', itself],
    ['what a shell started', ['sh', '-c', `${itself.map((word) => `'${word}'`).join(' ')}; exit $?`]],
  ] as const) {
    test(`${what} survives kill -9 of crashmon, and is taken over`, async () => {
      await using state = await stateDirectory();
      await using first = start({ stateDir: state.path, command });
      await untilAttached(first);
      const [, running] = await first.waitForLine('stdout', /^running (\d+)/);
      const main = Number(running);
      await until('it is traced', () => tracerOf(main) > 0);
      first.kill('SIGKILL');
      await first.exited;
      await until('it is detached', () => tracerOf(main) === 0);
      await using second = start({ stateDir: state.path, command });
      await second.waitForLine('stderr', new RegExp(`"event":"taken-over".*"pid":${pidOf(first)}\\b`));
      second.kill('SIGTERM');
      await second.exited;
      // What a shell started does not get its SIGTERM.
      if (command !== itself) process.kill(main, 'SIGTERM');
      await untilNoneMarked(state.path);
    });
  }

  test('doctor tries it this way, too', async () => {
    await using state = await stateDirectory();
    const { stdout } = await crashmon(['doctor', '--json', '--', ...fixture('prints-signals.cjs', 'ends')], {
      stateDir: state.path,
      env: { CRASHMON_DEBUGGER: 'parent' },
    });
    const { checks, willCaptureNative } = JSON.parse(stdout);
    const trial = checks.find(({ check }: { check: string }) => check === 'native-trial');
    assert.match(
      trial.message,
      /was captured with its call stack .*the debugger will be the parent of armed workers/,
    );
    assert.equal(willCaptureNative, true);
    await assertNothingLeft(state.path);
  });

  test('where its command is missing, that is said as ever', async () => {
    await using state = await stateDirectory();
    await using agent = start({ stateDir: state.path, command: ['/nowhere/worker'] });
    assert.equal((await agent.exited).code, 127);
    assert.match(agent.stderr, /command not found/);
  });
});
