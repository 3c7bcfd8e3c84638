import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readExecutable, readProcessStat } from '../../../src/worker/process-info.ts';
import { CHECKOUT, MAIN } from '../../support/crashmon.ts';
import { assertNothingLeft, processesMarked, untilNoneMarked } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { rounds } from '../../support/rounds.ts';
import { SEED, seededRandom } from '../../support/seed.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { exitsOf, startRun } from '../run-worker.ts';
import { debuggersOf, pidOf, startArmed, tracerOf, until, untilAttached } from './armed.ts';

test('kill -9 of gdbserver: the worker runs on and gets another, dlopen works', async () => {
  await using compiler = await nativeCompiler();
  await using state = await stateDirectory();
  const program = await compiler.compile('loads-libraries.c');
  await using agent = await startArmed({ stateDir: state.path, command: [program], input: 'open' });
  const worker = pidOf(agent);
  for (let round = 0; round < 2; round++) {
    const printed = agent.stderr.length;
    for (const pid of debuggersOf(state.path)) process.kill(pid, 'SIGKILL');
    await untilAttached(agent, printed);
    assert.equal(pidOf(agent), worker, 'no restart');
  }
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
});

test('kill -9 of crashmon: the worker runs on untraced, and its successor attaches again', async () => {
  await using state = await stateDirectory();
  const options = ['--arm-after', '0', '--json'];
  const command = ['sleep', '60'];
  const first = spawn(process.execPath, [MAIN, 'run', '--name', 'app', ...options, '--', ...command], {
    stdio: 'ignore',
    env: { ...process.env, CRASHMON_STATE_DIR: state.path, NODE_OPTIONS: undefined },
  });
  await until('a debugger is there', () => debuggersOf(state.path).length === 1);
  const worker = () =>
    processesMarked(state.path).find(({ commandLine }) => commandLine === 'sleep 60')?.pid ?? 0;
  await until('it is attached', () => worker() > 0 && tracerOf(worker()) > 0);
  const pid = worker();
  first.kill('SIGKILL');
  await once(first, 'exit');
  await until('it is detached', () => tracerOf(pid) === 0);
  await using second = startRun({ stateDir: state.path, options, command });
  await second.waitForLine('stderr', /taken-over/);
  await untilAttached(second);
  assert.ok(tracerOf(pid) > 0);
  second.kill('SIGTERM');
  await second.exited;
  await assertNothingLeft(state.path);
});

test('kill -9 of crashmon after the worker executed another program: it runs on', async () => {
  await using compiler = await nativeCompiler();
  await using state = await stateDirectory();
  const program = await compiler.compile('executes-another.c');
  await using agent = await startArmed({
    stateDir: state.path,
    command: [program, '/bin/sleep', '60'],
    input: 'open',
  });
  const worker = pidOf(agent);
  agent.stdin.write('\n');
  // Until the thread that executes has replaced the first one, that is a zombie, whose program cannot be read.
  await until('it executes', () => readExecutable(worker)?.endsWith('sleep') === true);
  assert.ok(tracerOf(worker) > 0);
  agent.kill('SIGKILL');
  await agent.exited;
  await until('it is detached', () => tracerOf(worker) === 0);
  assert.match(readExecutable(worker) ?? 'gone', /sleep$/);
  process.kill(worker, 'SIGKILL');
  // The raw capture of the crashmon that was killed stays for its successor.
  await untilNoneMarked(state.path);
});

test('kill -9 of crashmon: a worker whose first thread has ended is not started twice', async () => {
  await using compiler = await nativeCompiler();
  await using state = await stateDirectory();
  const command = [await compiler.compile('outlives-first-thread.c')];
  const watched = { stateDir: state.path, options: ['--no-debugger', '--json'], command };
  await using first = startRun(watched);
  await first.waitForLine('stderr', /"event":"started"/);
  const worker = pidOf(first);
  await until('its first thread has ended', () => readProcessStat(worker)?.state === 'Z');
  first.kill('SIGKILL');
  await first.exited;
  await using second = startRun(watched);
  await second.waitForLine('stderr', /"event":"(?:started|taken-over)"/);
  assert.equal(pidOf(second, 'taken-over'), worker);
  second.kill('SIGTERM');
  await second.exited;
  // A zombie with one thread has ended; process 1 may not have collected it yet.
  assert.ok((readProcessStat(worker)?.threads ?? 0) <= 1);
  await assertNothingLeft(state.path);
});

test(`kill -9 of anything at random points of a crash loop: every death is the worker’s own (seed ${SEED})`, async () => {
  await using state = await stateDirectory();
  const random = seededRandom(SEED);
  const fixture = path.join(CHECKOUT, 'test', 'fixtures', 'run', 'faults.cjs');
  // Crashes by itself after a while: without a trigger.
  const command = [process.execPath, fixture, 'SIGSEGV', '150'];
  const options = ['--restart-delay', '0', '--arm-after', '0', '--cooldown', '0', '--json'];
  for (let life = 0; life < rounds(3); life++) {
    await using agent = startRun({ stateDir: state.path, options, command });
    await agent.waitForLine('stderr', /"event":"(?:started|taken-over)"/);
    for (let kills = 1 + Math.floor(random() * 3); kills > 0; kills--) {
      await delay(random() * 500);
      const name = random() < 0.6 ? /^gdbserver / : /analysis-process/;
      for (const { pid, commandLine } of processesMarked(state.path)) {
        if (name.test(commandLine)) kill(pid);
      }
    }
    agent.kill('SIGKILL');
    await agent.exited;
  }

  await using agent = startRun({ stateDir: state.path, options, command });
  await agent.waitForLine('stderr', /"event":"report"/);
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
  for (const { exit, reason } of exitsOf(state.path)) {
    // SIGTERM is the stop; the exit status of an orphan is unknown.
    const own = exit.signal === 'SIGSEGV' || exit.signal === 'SIGTERM' || (exit.signal ?? exit.code) === null;
    assert.ok(own, `${JSON.stringify(exit)} ${reason}`);
  }
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}
