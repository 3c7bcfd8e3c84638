import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { assertNothingLeft, processesMarked } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf, startRun } from '../run-worker.ts';
import { debuggersOf, pidOf, startArmed, tracerOf, until } from './armed.ts';

const NEVER = ['--restart', 'never'];

describe('a death by a signal becomes a report', { concurrency: 2 }, () => {
  test('a null pointer in C: what, where, and the dump is gone', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('waits-to-crash.c');
    await using agent = await startArmed({
      stateDir: state.path,
      options: NEVER,
      command: [program, 'null'],
      input: 'open',
    });
    agent.stdin.write('\n');
    assert.equal((await agent.exited).signal, 'SIGSEGV');
    const report = await untilReported(state.path);
    assert.equal(report.kind, 'fault');
    assert.deepEqual(report.fault, {
      summary: 'null-access',
      siCode: 1,
      addressClass: 'null',
      systemCall: null,
      abortKind: null,
    });
    assert.ok(report.hold.ms > 0);
    const [top] = report.frames;
    assert.ok(top?.inApp && top.trust === 'ip' && top.native?.buildId, JSON.stringify(top));
    assert.ok(report.frames.some((frame) => frame.function === 'main'));
    await assertNothingLeft(state.path);
  });

  test('registers and addresses are in the private log, and nowhere else', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('waits-to-crash.c');
    await using agent = await startArmed({
      stateDir: state.path,
      options: NEVER,
      command: [program, 'null'],
      input: 'open',
    });
    agent.stdin.write('\n');
    await agent.exited;
    await untilReported(state.path);
    const shown = await crashmon(['show'], { stateDir: state.path });
    const privately = await crashmon(['show', '--private'], { stateDir: state.path });
    assert.doesNotMatch(shown.stdout, /rip|0x0000/);
    assert.match(privately.stdout, /rip\s+0x[0-9a-f]{16}/);
    assert.match(privately.stdout, /fault address\s+0x0000000000000000/);
  });

  test('a worker behind a shell: the process that does the work is attached', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('waits-to-crash.c');
    const command = ['sh', '-c', `"${program}" null; exit $?`];
    await using agent = await startArmed({ stateDir: state.path, options: NEVER, command, input: 'open' });
    agent.stdin.write('\n');
    assert.equal((await agent.exited).code, 139);
    const report = await untilReported(state.path);
    assert.equal(report.fault?.summary, 'null-access');
  });

  test('the debugger takes long to end: its capture is not lost', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const command = [await compiler.compile('waits-to-crash.c'), 'null'];
    await using agent = await startArmed({ stateDir: state.path, options: NEVER, command, input: 'open' });
    const watchdogs = processesMarked(state.path).filter(({ commandLine }) =>
      commandLine.startsWith('gdbserver-watchdog '),
    );
    // The debugger has ended when they have. That of the self-test is ending.
    const stopped = watchdogs.filter(({ pid }) => signaled(pid, 'SIGSTOP'));
    assert.ok(stopped.length > 0);
    agent.stdin.write('\n');
    assert.equal((await agent.exited).signal, 'SIGSEGV');
    assert.equal((await untilReported(state.path)).fault?.summary, 'null-access');
    for (const { pid } of stopped) signaled(pid, 'SIGCONT');
    await assertNothingLeft(state.path);
  });

  test('an uncaught C++ exception: its type, and what() stays', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('throws-uncaught.cpp');
    const command = [program, 'own', 'late'];
    await using agent = await startArmed({ stateDir: state.path, options: NEVER, command, input: 'open' });
    agent.stdin.write('\n');
    assert.equal((await agent.exited).signal, 'SIGABRT');
    const report = await untilReported(state.path);
    assert.equal(report.kind, 'abort');
    assert.equal(report.fault?.abortKind, 'uncaught-exception');
    assert.equal(report.exceptionType, 'app::PaymentError');
    assert.ok(!JSON.stringify(report).includes('4711'));
  });

  test('the dump has no name, and no process has it open once the report is made', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('waits-to-crash.c');
    const options = ['--cooldown', '0'];
    await using agent = await startArmed({
      stateDir: state.path,
      options,
      command: [program, 'null'],
      input: 'open',
    });
    agent.stdin.write('\n');
    await agent.waitForLine('stderr', /"event":"report"/);
    assert.deepEqual(openDumps(state.path), []);
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });
});

function openDumps(mark: string): string[] {
  return processesMarked(mark).flatMap(({ pid }) =>
    openFilesOf(pid)
      .filter((target) => target.includes('/dump-'))
      .map((target) => `${pid} ${target}`),
  );
}

/** None of a process that has ended meanwhile. */
function openFilesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return existsSync(folder) ? openFilesOf(pid) : [];
  }
}

describe('where there is no debugger', { concurrency: 2 }, () => {
  const WORKER = ['sh', '-c', 'echo running; exec sleep 60'];

  test('gdbserver is missing: the worker runs, and the reason is reported', async () => {
    await using state = await stateDirectory();
    const options = ['--arm-after', '0', '--json'];
    const env = { PATH: path.dirname(process.execPath) };
    const command = [process.execPath, '-e', 'console.log("running"); setInterval(() => {}, 1e6)'];
    await using agent = startRun({ stateDir: state.path, options, command, env });
    await agent.waitForLine(
      'stderr',
      /"event":"debugger","state":"not-attached","reason":"gdbserver is not installed/,
    );
    await agent.waitForLine('stdout', /running/);
    const status = await crashmon(['status', '--json'], { stateDir: state.path });
    assert.match(JSON.parse(status.stdout).apps[0].debugger.reason, /gdbserver is not installed/);
    agent.kill('SIGTERM');
    await agent.exited;
  });

  test('--no-debugger: none is started', async () => {
    await using state = await stateDirectory();
    const options = ['--arm-after', '0', '--no-debugger', '--json'];
    const command = ['sh', '-c', 'echo running; sleep 1; kill -SEGV $$'];
    await using agent = startRun({ stateDir: state.path, options: [...options, ...NEVER], command });
    await agent.waitForLine('stdout', /running/);
    assert.deepEqual(debuggersOf(state.path), []);
    await agent.exited;
    assert.doesNotMatch(agent.stderr, /"event":"debugger"/);
    assert.equal(exitsOf(state.path)[0]?.captured, false);
  });

  test('disarmed manually it is detached, and the worker runs on', async () => {
    await using state = await stateDirectory();
    await using agent = await startArmed({ stateDir: state.path, command: WORKER });
    const worker = pidOf(agent);
    assert.ok(tracerOf(worker) > 0);
    await crashmon(['disarm', 'app'], { stateDir: state.path });
    await until('the debugger lets go', () => tracerOf(worker) === 0);
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).signal, 'SIGTERM');
    await assertNothingLeft(state.path);
  });
});

/** @returns false if the process has ended */
function signaled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
