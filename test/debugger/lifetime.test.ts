import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { runSelfTest } from '../../src/debugger/self-test.ts';
import type { ProcessSnapshot } from '../../src/model/process-snapshot.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';
import { attach, startReady, stateOf, until } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const loads = await compiler.compile('loads-libraries.c');
const dies = await compiler.compile('dies-of-signal.c');

/** It runs, loads libraries and gets its signals: nothing was left in it. */
async function assertWell(worker: RunningProgram): Promise<void> {
  await until(() => stateOf(worker.pid)?.tracerPid === 0);
  const from = worker.stdout.length;
  worker.stdin.write('\n');
  await worker.waitForLine('stdout', /^loaded 1$/, from);
}

const isGone = (pid: number) => stateOf(pid) === null || stateOf(pid)?.state === 'Z';

describe('the worker runs on untraced', () => {
  test('after detach, which may be called twice', async () => {
    await using worker = await startReady(loads);
    const session = await attach(worker.pid);
    await session.detach();
    await session.detach();
    assert.deepEqual(await session.ended, { type: 'detached', reason: 'asked', capture: null });
    assert.ok(isGone(session.debuggerPid));
    await assertWell(worker);
  });

  test('after the abort of the signal', async () => {
    await using worker = await startReady(loads);
    const controller = new AbortController();
    const session = await attach(worker.pid, { signal: controller.signal });
    controller.abort();
    assert.deepEqual(await session.ended, { type: 'detached', reason: 'asked', capture: null });
    await assertWell(worker);
  });

  test('after kill -9 of gdbserver at any time', async () => {
    await using worker = await startReady(loads);
    for (const waitMs of [0, 1, 3, 7]) {
      const session = await attach(worker.pid);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      process.kill(session.debuggerPid, 'SIGKILL');
      assert.equal((await session.ended).type, 'lost');
      await assertWell(worker);
    }
  });

  test('after kill -9 of crashmon', async () => {
    await using worker = await startReady(loads);
    const script = path.join(import.meta.dirname, '../support/debugger/attach-and-wait.ts');
    await using us = startProgram(process.execPath, [script, String(worker.pid)]);
    const [, debuggerPid] = await us.waitForLine('stdout', /^attached (\d+)$/);
    us.kill('SIGKILL');
    await assertWell(worker);
    await until(() => isGone(Number(debuggerPid)));
  });

  test('and stays stopped after SIGSTOP until it is continued', async () => {
    await using worker = await startReady(loads);
    const session = await attach(worker.pid);
    worker.kill('SIGSTOP');
    assert.deepEqual(await session.ended, { type: 'detached', reason: 'worker-stopped', capture: null });
    await until(() => stateOf(worker.pid)?.state === 'T');
    assert.equal(stateOf(worker.pid)?.tracerPid, 0);
    worker.kill('SIGCONT');
    await assertWell(worker);
  });
});

describe('a worker that is held is killed by its own signal', () => {
  test('when gdbserver is killed', async () => {
    await using worker = await startReady(dies, 'SIGSEGV', '8');
    const session = await attach(worker.pid, {
      onFatal: () => {
        process.kill(session.debuggerPid, 'SIGKILL');
        return new Promise(() => {});
      },
    });
    worker.stdin.write('\n');
    assert.equal((await worker.exited).signal, 'SIGSEGV');
    assert.equal((await session.ended).type, 'lost');
  });

  test('when crashmon is killed', async () => {
    await using worker = await startReady(dies, 'SIGABRT', '8');
    const script = path.join(import.meta.dirname, '../support/debugger/attach-and-wait.ts');
    await using us = startProgram(process.execPath, [script, String(worker.pid)]);
    await us.waitForLine('stdout', /^attached/);
    worker.stdin.write('\n');
    await us.waitForLine('stdout', /^held$/);
    us.kill('SIGKILL');
    assert.equal((await worker.exited).signal, 'SIGABRT');
  });

  test('also if it was sent, when gdbserver hangs', async () => {
    await using worker = await startReady(dies, 'sent', '4');
    const session = await attach(worker.pid, {
      ...{ holdLimitMs: 500, answerLimitMs: 1000 },
      onFatal: () => {
        process.kill(session.debuggerPid, 'SIGSTOP');
        return new Promise(() => {});
      },
    });
    worker.stdin.write('\n');
    assert.equal((await worker.exited).signal, 'SIGSEGV');
    assert.equal((await session.ended).type, 'lost');
  });

  for (const threads of ['1', '8']) {
    for (const how of ['SIGKILL', 'SIGSTOP'] as const) {
      test(`also if it was sent, when crashmon gets ${how}, with ${threads} threads`, async () => {
        await using worker = await startReady(dies, 'sent', threads);
        const script = path.join(import.meta.dirname, '../support/debugger/attach-and-wait.ts');
        await using us = startProgram(process.execPath, [script, String(worker.pid)]);
        await us.waitForLine('stdout', /^attached/);
        worker.stdin.write('\n');
        await us.waitForLine('stdout', /^held$/);
        us.kill(how);
        assert.equal((await worker.exited).signal, 'SIGSEGV');
      });
    }
  }

  for (const [watchdog, ...program] of [
    ['a compiled watchdog'],
    ['a shell as watchdog', '/nowhere/watchdog'],
  ]) {
    test(`when crashmon is stopped, with ${watchdog}`, async () => {
      await using worker = await startReady(dies, 'SIGILL');
      const script = path.join(import.meta.dirname, '../support/debugger/attach-and-wait.ts');
      await using us = startProgram(process.execPath, [script, String(worker.pid), ...program]);
      await us.waitForLine('stdout', /^attached/);
      us.kill('SIGSTOP');
      worker.stdin.write('\n');
      assert.equal((await worker.exited).signal, 'SIGILL');
    });
  }

  test('or of SIGKILL, and then nothing was captured', async () => {
    await using worker = await startReady(dies, 'SIGSEGV', '4');
    const onFatal = () => {
      worker.kill('SIGKILL');
      return new Promise<never>(() => {});
    };
    // gdbserver reports it when the threads that it holds go on.
    const session = await attach(worker.pid, { onFatal, holdLimitMs: 2000 });
    worker.stdin.write('\n');
    assert.deepEqual(await session.ended, { type: 'killed', signal: 9, capture: null });
    assert.equal((await worker.exited).signal, 'SIGKILL');
  });

  test('when crashmon detaches', async () => {
    await using worker = await startReady(dies, 'SIGTRAP', '2');
    const held = Promise.withResolvers<void>();
    const session = await attach(worker.pid, {
      holdLimitMs: 2000,
      onFatal: () => {
        held.resolve();
        return new Promise(() => {});
      },
    });
    worker.stdin.write('\n');
    await held.promise;
    await session.detach();
    assert.equal((await worker.exited).signal, 'SIGTRAP');
  });
});

test('the self-test captures, and says why not', async () => {
  let threads = 0;
  const onFatal = (snapshot: ProcessSnapshot) => {
    threads = snapshot.threads.length;
  };
  assert.equal(await runSelfTest({ onFatal, holdLimitMs: 20_000 }), 'captured');
  assert.equal(threads, 1);
  threads = 0;
  const { PATH } = process.env;
  assert.equal(await runSelfTest({ onFatal, holdLimitMs: 20_000, launchEnv: { PATH } }), 'captured');
  assert.equal(threads, 1);
  for (const launchEnv of [undefined, { PATH }]) {
    const failure = await runSelfTest({ onFatal, gdbserverPath: '/nowhere/gdbserver', launchEnv });
    assert.ok(typeof failure === 'object' && failure.failed === 'no-gdbserver');
  }
});

test('kill -9 of gdbserver at random moments of a crash never holds the worker up', async () => {
  for (let round = 0; round < 20; round += 1) {
    await using worker = await startReady(dies, 'SIGSEGV', String(1 + round));
    const session = await attach(worker.pid);
    worker.stdin.write('\n');
    await new Promise((resolve) => setTimeout(resolve, round / 2));
    try {
      process.kill(session.debuggerPid, 'SIGKILL');
    } catch {
      // It was over already.
    }
    assert.equal((await worker.exited).signal, 'SIGSEGV');
    assert.ok(['lost', 'killed'].includes((await session.ended).type));
  }
});

test('a gdbserver that hangs is dropped, and the worker gets its signals', { timeout: 180_000 }, async () => {
  await using worker = await startReady(loads);
  const session = await attach(worker.pid, { answerLimitMs: 3000 });
  process.kill(session.debuggerPid, 'SIGSTOP');
  await session.detach();
  assert.equal((await session.ended).type, 'lost');
  await assertWell(worker);
});
