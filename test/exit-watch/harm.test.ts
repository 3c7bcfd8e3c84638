import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import { startReady, startReadyAsInit, stateOf, until } from '../debugger/debugged.ts';
import { isRunning } from '../support/is-running.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';
import { seededRandom } from '../support/seed.ts';
import { statusOf, watchWell } from './watched.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const ends = await compiler.compile('ends-on-command.c');
const WAITS = path.join(import.meta.dirname, '../support/exit-watch/watch-and-wait.ts');

const tracerOf = (pid: number) => stateOf(pid)?.tracerPid ?? 0;

/** The helper that watches a process: 0 would be our own process group. */
function helperOf(pid: number): number {
  const helper = tracerOf(pid);
  assert.ok(helper > 0, 'it is not watched');
  return helper;
}

async function startWatch(): Promise<ExitWatch> {
  const watch = new ExitWatch({ backOffMs: [0] });
  assert.equal(await watch.start(), null);
  return watch;
}

/** It runs, gets its signals and its input. */
async function assertWell(worker: RunningProgram): Promise<void> {
  let from = worker.stdout.length;
  worker.kill('SIGUSR1');
  await worker.waitForLine('stdout', /^signal$/, from);
  from = worker.stdout.length;
  worker.stdin.write('echo 1\n');
  await worker.waitForLine('stdout', /^echo 1$/, from);
}

describe('the helper', () => {
  for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const) {
    test(`that gets ${signal} while it watches ends, and its successor takes over`, async () => {
      await using worker = await startReady(ends);
      await using watch = await startWatch();
      const watched = await watchWell(watch, worker.pid, true);
      for (let i = 0; i < 3; i++) {
        const helper = helperOf(worker.pid);
        process.kill(helper, signal);
        // A stopped one holds the worker at its next signal, until the kernel's timer kills it.
        await assertWell(worker);
        await until(() => ![0, helper].includes(tracerOf(worker.pid)));
        assert.ok(!isRunning(helper));
      }
      worker.stdin.write('exit 4\n');
      assert.deepEqual((await watched.exited)?.status, { type: 'code', code: 4 });
      assert.equal((await worker.exited).code, 4);
    });

    test(`that gets ${signal} while it holds a worker does not keep it from ending`, async () => {
      await using worker = await startReady(ends);
      await using watch = await startWatch();
      const watched = await watchWell(watch, worker.pid, true);
      const helper = helperOf(worker.pid);
      watched.onHeld(() => process.kill(helper, signal));
      worker.stdin.write('exit 5\n');
      assert.equal((await worker.exited).code, 5);
      assert.deepEqual((await watched.exited)?.status, { type: 'code', code: 5 });
    });
  }

  test('is killed by the kernel when it is stopped, and a stopped worker can then be killed', async () => {
    await using worker = await startReady(ends);
    await using watch = await startWatch();
    const watched = await watchWell(watch, worker.pid, true);
    watched.onHeld(() => {
      process.kill(helperOf(worker.pid), 'SIGSTOP');
      worker.kill('SIGKILL');
    });
    worker.stdin.write('exit 6\n');
    assert.equal((await worker.exited).code, 6);
  });
});

test('a fault ends the first process of a watched PID namespace as it does unwatched', async () => {
  const program = await compiler.compile('dies-of-signal.c');
  await using worker = await startReadyAsInit(program, 'SIGSEGV', '1');
  await using watch = await startWatch();
  const watched = await watchWell(watch, worker.init, true);
  worker.stdin.write('\n');
  assert.equal((await worker.exited).signal, 'SIGSEGV');
  assert.notEqual(await watched.exited, null);
});

describe('the agent', () => {
  test('that is killed frees what it watches, and its helper ends', async () => {
    await using worker = await startReady(ends);
    await using agent = startProgram(process.execPath, [WAITS, String(worker.pid)]);
    await agent.waitForLine('stdout', /^watching/);
    const helper = helperOf(worker.pid);
    agent.kill('SIGKILL');
    await until(() => tracerOf(worker.pid) === 0 && !isRunning(helper));
    await assertWell(worker);
    worker.stdin.write('exit 7\n');
    assert.equal((await worker.exited).code, 7);
  });

  test('that is stopped delays no signal and no exit for long', async () => {
    await using worker = await startReady(ends);
    await using other = await startReady(ends);
    await using agent = startProgram(process.execPath, [WAITS, String(worker.pid), String(other.pid)]);
    await agent.waitForLine('stdout', new RegExp(`^watching ${other.pid}$`));
    agent.kill('SIGSTOP');
    await until(() => stateOf(agent.pid)?.state === 'T');
    await assertWell(worker);
    for (const [index, one] of [worker, other].entries()) {
      one.stdin.write(`exit ${index + 8}\n`);
      assert.equal((await one.exited).code, index + 8);
    }
    assert.equal(stateOf(agent.pid)?.state, 'T');
  });
});

test('whatever happens to the helper at any moment, workers end as they should', async () => {
  const random = seededRandom();
  await using watch = await startWatch();
  const seen = { exact: 0, unknown: 0 };
  const lives = Array.from({ length: 60 }, (_, index) => ({
    code: index % 200,
    disturb: (['SIGKILL', 'SIGSTOP', 'none'] as const)[Math.floor(random() * 3)] ?? 'none',
    beforeMs: random() * 4,
    whenHeld: random() < 0.5,
  }));
  await Promise.all(
    [0, 1, 2].map(async (lane) => {
      for (const life of lives.filter((_, index) => index % 3 === lane)) await live(life);
    }),
  );
  assert.ok(seen.exact >= 10, JSON.stringify(seen));

  async function live({ code, disturb, beforeMs, whenHeld }: (typeof lives)[number]): Promise<void> {
    await using worker = await startReady(ends);
    const watched = await watchWell(watch, worker.pid, true);
    const harm = (): void => {
      const helper = tracerOf(worker.pid);
      if (disturb !== 'none' && helper !== 0) process.kill(helper, disturb);
    };
    if (whenHeld) watched.onHeld(harm);
    worker.stdin.write(`exit ${code}\n`);
    if (!whenHeld) {
      await new Promise((resolve) => setTimeout(resolve, beforeMs));
      harm();
    }
    const [end, result] = await Promise.all([watched.exited, worker.exited]);
    assert.deepEqual(statusOf(result), { type: 'code', code });
    if (end?.status.type === 'unknown') seen.unknown++;
    else {
      assert.deepEqual(end?.status, { type: 'code', code });
      seen.exact++;
    }
  }
});
