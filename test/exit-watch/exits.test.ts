import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import { startReady, stateOf, until } from '../debugger/debugged.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';
import { statusOf, targetOf, watchWell } from './watched.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const ends = await compiler.compile('ends-on-command.c');

const watch = new ExitWatch({ onProblem: (message) => assert.fail(message) });
assert.equal(await watch.start(), null);
after(() => watch.end());

/** Command to the worker, and how it ends. */
const ENDS = {
  'exit 0': { type: 'code', code: 0 },
  'exit 3': { type: 'code', code: 3 },
  'thread-exit 0': { type: 'code', code: 0 },
  'thread-exit 4': { type: 'code', code: 4 },
  'first-ends 5': { type: 'code', code: 5 },
  'first-ends 0': { type: 'code', code: 0 },
  'raise 6': { type: 'signal', signal: 'SIGABRT' },
  'raise 9': { type: 'signal', signal: 'SIGKILL' },
  'raise 11': { type: 'signal', signal: 'SIGSEGV' },
  'thread-raise 11': { type: 'signal', signal: 'SIGSEGV' },
  'raise 15': { type: 'signal', signal: 'SIGTERM' },
} as const;

for (const hold of [false, true]) {
  describe(hold ? 'held at its exit' : 'not held', () => {
    for (const [command, status] of Object.entries(ENDS)) {
      test(`a worker that ends by ${command} is reported as its parent sees it`, async () => {
        await using worker = await startReady(ends);
        const watched = await watchWell(watch, worker.pid, hold);
        worker.stdin.write(`${command}\n`);
        const [seen, result] = await Promise.all([watched.exited, worker.exited]);
        assert.deepEqual(statusOf(result), status);
        assert.deepEqual(seen?.status, status);
      });
    }

    test('kill -9 by another process, and the end of a stopped one', async () => {
      await using worker = await startReady(ends);
      const watched = await watchWell(watch, worker.pid, hold);
      worker.kill('SIGSTOP');
      await until(() => /[tT]/.test(stateOf(worker.pid)?.state ?? ''));
      worker.kill('SIGKILL');
      assert.deepEqual((await watched.exited)?.status, { type: 'signal', signal: 'SIGKILL' });
      assert.equal((await worker.exited).signal, 'SIGKILL');
    });
  });
}

describe('a watched worker is as without us', () => {
  test('signals reach it', async () => {
    await using worker = await startReady(ends);
    await watchWell(watch, worker.pid);
    for (let i = 0; i < 20; i++) {
      const from = worker.stdout.length;
      worker.kill('SIGUSR1');
      await worker.waitForLine('stdout', /^signal$/, from);
    }
  });

  test('it stops, is seen to stop, and continues', async () => {
    await using worker = await startReady(ends);
    const watched = await watchWell(watch, worker.pid, true);
    for (let i = 0; i < 3; i++) {
      worker.kill('SIGSTOP');
      await until(() => /[tT]/.test(stateOf(worker.pid)?.state ?? ''));
      const from = worker.stdout.length;
      worker.stdin.write('echo 7\n');
      worker.kill('SIGCONT');
      await worker.waitForLine('stdout', /^echo 7$/, from);
    }
    worker.stdin.write('exit 9\n');
    assert.deepEqual((await watched.exited)?.status, { type: 'code', code: 9 });
  });

  test('its parent gets stops and continuations (wait(2) with WUNTRACED)', async () => {
    const script =
      'import os,sys\npid=os.fork()\nif pid==0:\n  sys.stdin.readline(); os._exit(3)\n' +
      'print(pid,flush=True)\nfor _ in range(3):\n  s=os.waitpid(pid,os.WUNTRACED|os.WCONTINUED)[1]\n' +
      '  print("stopped" if os.WIFSTOPPED(s) else "continued" if os.WIFCONTINUED(s) else "ended %d" % s,flush=True)';
    await using parent = startProgram('python3', ['-c', script], { input: 'open' });
    const [line] = await parent.waitForLine('stdout', /^\d+$/);
    const pid = Number(line);
    await watchWell(watch, pid);
    process.kill(pid, 'SIGSTOP');
    await parent.waitForLine('stdout', /^stopped$/);
    process.kill(pid, 'SIGCONT');
    await parent.waitForLine('stdout', /^continued$/);
    parent.stdin.write('\n');
    await parent.waitForLine('stdout', /^ended 768$/);
  });

  test('one that was stopped before stays so', async () => {
    await using worker = await startReady(ends);
    worker.kill('SIGSTOP');
    await until(() => stateOf(worker.pid)?.state === 'T');
    const watched = await watchWell(watch, worker.pid);
    await until(() => stateOf(worker.pid)?.state === 't');
    await watched.leave();
    await until(() => stateOf(worker.pid)?.state === 'T');
    const from = worker.stdout.length;
    worker.stdin.write('echo 8\n');
    worker.kill('SIGCONT');
    await worker.waitForLine('stdout', /^echo 8$/, from);
  });

  for (const command of ['execute', 'thread-execute']) {
    test(`it executes another program, by ${command}, and its exit is still seen`, async () => {
      await using worker = await startReady(ends);
      const watched = await watchWell(watch, worker.pid, true);
      for (let i = 0; i < 5; i++) {
        const from = worker.stdout.length;
        worker.stdin.write(`${command} 0\n`);
        await worker.waitForLine('stdout', /^ready$/, from);
        await until(() => stateOf(worker.pid)?.tracerPid !== 0);
      }
      worker.stdin.write('exit 6\n');
      assert.deepEqual((await watched.exited)?.status, { type: 'code', code: 6 });
    });
  }

  test('its children are not followed and end as they should', async () => {
    await using worker = await startReady(ends);
    const watched = await watchWell(watch, worker.pid, true);
    worker.stdin.write('fork 500\nexit 2\n');
    await worker.waitForLine('stdout', /^forked 500$/);
    assert.deepEqual((await watched.exited)?.status, { type: 'code', code: 2 });
  });

  test('after it was left, or the watch ended, it is untraced and runs on', async () => {
    await using worker = await startReady(ends);
    const watched = await watchWell(watch, worker.pid);
    await watched.leave();
    assert.equal(await watched.exited, null);
    assert.equal(stateOf(worker.pid)?.tracerPid, 0);
    const other = new ExitWatch();
    assert.equal(await other.start(), null);
    const again = await watchWell(other, worker.pid);
    await other.end();
    assert.equal(await again.exited, null);
    assert.equal(stateOf(worker.pid)?.tracerPid, 0);
    worker.stdin.write('exit 1\n');
    assert.equal((await worker.exited).code, 1);
  });
});

test('all callbacks are called while it is held, also after one that throws', async () => {
  const problems: string[] = [];
  await using other = new ExitWatch({ onProblem: (message) => void problems.push(message) });
  assert.equal(await other.start(), null);
  await using worker = await startReady(ends);
  const watched = await watchWell(other, worker.pid, true);
  const states: unknown[] = [];
  watched.onHeld(() => {
    throw new Error('a mistake');
  });
  watched.onHeld(({ pid, status }) => void states.push(stateOf(pid)?.state, status));
  worker.stdin.write('exit 5\n');
  assert.deepEqual((await watched.exited)?.status, { type: 'code', code: 5 });
  assert.equal((await worker.exited).code, 5);
  assert.deepEqual(states, ['t', { type: 'code', code: 5 }]);
  assert.match(problems.join(), /^reading process \d+ at its exit failed: a mistake$/);
});

test('one that another tracer had when the helper was started again can be left, and be watched again', async () => {
  await using worker = await startReady(ends);
  await using other = await startReady(ends);
  await using first = new ExitWatch({ backOffMs: [2_000] });
  await using second = new ExitWatch();
  assert.deepEqual([await first.start(), await second.start()], [null, null]);
  const lost = await watchWell(first, worker.pid);
  await watchWell(first, other.pid);
  const helper = stateOf(worker.pid)?.tracerPid ?? 0;
  process.kill(helper, 'SIGKILL');
  await until(() => stateOf(worker.pid)?.tracerPid === 0);
  const taken = await watchWell(second, worker.pid);
  // It takes up all that it watched, in their order.
  await until(() => ![0, helper].includes(stateOf(other.pid)?.tracerPid ?? 0));
  await lost.leave();
  assert.equal(await lost.exited, null);
  await taken.leave();
  const again = await watchWell(first, worker.pid);
  worker.stdin.write('exit 5\n');
  assert.deepEqual((await again.exited)?.status, { type: 'code', code: 5 });
});

describe('not watched is', () => {
  test('a process that was started at another time: a recycled ID', async () => {
    await using worker = await startReady(ends);
    const { pid, startTicks } = targetOf(worker.pid);
    const refused = await watch.watch({ pid, startTicks: startTicks + 1 }, { hold: false });
    assert.ok('failed' in refused && stateOf(pid)?.tracerPid === 0);
  });

  test('one that has ended', async () => {
    await using worker = await startReady(ends);
    const target = targetOf(worker.pid);
    worker.stdin.end();
    await worker.exited;
    const refused = await watch.watch(target, { hold: false });
    assert.equal('failed' in refused && refused.failed, 'gone');
  });

  test('one that has a tracer, which keeps it', async () => {
    await using worker = await startReady(ends);
    const other = new ExitWatch();
    assert.equal(await other.start(), null);
    await watchWell(other, worker.pid);
    const helper = stateOf(worker.pid)?.tracerPid;
    for (const second of [watch, other]) {
      const refused = await second.watch(targetOf(worker.pid), { hold: false });
      assert.equal('failed' in refused && refused.failed, 'already-traced');
    }
    assert.equal(stateOf(worker.pid)?.tracerPid, helper);
    await other.end();
  });

  test('anything without a helper', async () => {
    const without = new ExitWatch({ helper: '/nonexistent/watch' });
    const failure = await without.start();
    assert.equal(failure?.failed, 'no-helper');
    assert.match(failure?.message ?? '', /is missing; scripts\/build-exit-watch\.sh compiles it$/);
    const refused = await without.watch(targetOf(process.pid), { hold: false });
    assert.equal('failed' in refused && refused.failed, 'no-helper');
    await without.end();
  });
});
