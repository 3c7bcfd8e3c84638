import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { attachDebugger } from '../../src/debugger/attach-debugger.ts';
import { processesMarked } from '../support/leftovers.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { rounds } from '../support/rounds.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';
import { attach, COMPILED, startReady, stateOf, until } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const another = await compiler.compile('executes-another.c');
const script = path.join(import.meta.dirname, '../support/debugger/attach-and-wait.ts');

/**
 * Attaches and detaches, so many times, and until it attached once: within an exec it is refused. The worker's state shows the
 * result.
 */
async function attachOften(worker: RunningProgram, times: number): Promise<void> {
  let attached = 0;
  for (let round = 0; round < times || attached === 0; round += 1) {
    const session = await attachDebugger({ pid: worker.pid, onFatal: () => {} });
    if ('failed' in session) assert.ok(session.message.length > 10);
    else {
      attached += 1;
      await session.detach();
      const end = await session.ended;
      assert.ok(end.type === 'detached' || end.type === 'lost', JSON.stringify(end));
    }
    // A first thread that lets another one execute is a zombie for a moment, and then gone for another: a process that had its
    // file in /proc open before cannot read it any more. A process that ended is not killed by SIGKILL at the end.
    assert.match(stateOf(worker.pid)?.state ?? 'Z', /^[RSDZ]$/);
    await until(() => !['T', 't', 'Z'].includes(stateOf(worker.pid)?.state ?? 'gone'));
  }
}

describe('attached while it executes, a worker lives on', { concurrency: true }, () => {
  for (const flags of [['-O1'], ['-O1', '-static']]) {
    for (const thread of ['main', 'thread']) {
      test(`from its ${thread} ${flags.at(-1)}`, { timeout: rounds(120_000) }, async () => {
        await using worker = startProgram(await compiler.compile('executes-itself.c', flags), [thread], {
          deadlineMs: rounds(120_000),
        });
        await attachOften(worker, rounds(3));
        worker.kill('SIGKILL');
        assert.equal((await worker.exited).signal, 'SIGKILL');
      });
    }
  }

  test('and becomes what a chain of wrappers starts', async () => {
    for (let round = 0; round < rounds(2); round += 1) {
      const chain = Array.from({ length: 40 }, () => 'env');
      await using worker = startProgram('env', [...chain, 'sh', '-c', 'echo ready; read -r line'], {
        input: 'open',
      });
      const session = await attachDebugger({ pid: worker.pid, onFatal: () => {} });
      await worker.waitForLine('stdout', /^ready/);
      if (!('failed' in session)) await session.detach();
      worker.stdin.write('\n');
      assert.equal((await worker.exited).code, 0);
    }
  });
});

test('a SIGTRAP that a worker sends itself is its own', async () => {
  await using worker = await startReady('sh', '-c', 'echo ready; read -r line; kill -TRAP $$');
  const session = await attach(worker.pid);
  worker.stdin.write('\n');
  assert.equal((await worker.exited).signal, 'SIGTRAP');
  const end = await session.ended;
  assert.ok(end.type === 'killed' && end.capture?.signal === 5);
});

describe('having executed another program, the worker outlives', () => {
  const watchdogs = (debuggerPid: string) => processesMarked(`gdbserver-watchdog\0${debuggerPid}\0`);

  async function attachedElsewhere(worker: RunningProgram) {
    const us = startProgram(process.execPath, [...COMPILED, script, String(worker.pid)]);
    const [, debuggerPid = ''] = await us.waitForLine('stdout', /^attached (\d+)$/);
    worker.stdin.write('\n');
    await us.waitForLine('stdout', /^exec$/);
    return { us, debuggerPid };
  }

  async function assertRunsOn(worker: RunningProgram, debuggerPid: string): Promise<void> {
    await until(() => stateOf(worker.pid)?.tracerPid === 0);
    await until(() => watchdogs(debuggerPid).length === 0);
    assert.equal(stateOf(worker.pid)?.state, 'S');
    worker.kill('SIGTERM');
    assert.equal((await worker.exited).signal, 'SIGTERM');
  }

  test('a crashmon that is killed', async () => {
    await using worker = await startReady(another, '/bin/sleep', '60');
    const { us, debuggerPid } = await attachedElsewhere(worker);
    us.kill('SIGKILL');
    await us.exited;
    await assertRunsOn(worker, debuggerPid);
  });

  test('a crashmon that is killed, whose watchdog was killed before', async () => {
    await using worker = await startReady(another, '/bin/sleep', '60');
    const { us, debuggerPid } = await attachedElsewhere(worker);
    const before = watchdogs(debuggerPid).map(({ pid }) => pid);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await until(() => watchdogs(debuggerPid).some(({ pid }) => !before.includes(pid)));
    us.kill('SIGKILL');
    await us.exited;
    await assertRunsOn(worker, debuggerPid);
  });

  test('a crashmon that is killed together with what waits for that', async () => {
    await using worker = await startReady(another, '/bin/sleep', '60');
    const { us, debuggerPid } = await attachedElsewhere(worker);
    const [first, ...others] = watchdogs(debuggerPid);
    assert.ok(first !== undefined && others.length > 0);
    us.kill('SIGKILL');
    process.kill(first.pid, 'SIGKILL');
    await us.exited;
    await assertRunsOn(worker, debuggerPid);
  });

  test('a watchdog that is killed as often as it is started', async () => {
    await using worker = await startReady(another, '/bin/sleep', '60');
    const session = await attach(worker.pid);
    worker.stdin.write('\n');
    await until(() => session.events.length > 0);
    const debuggerPid = String(session.debuggerPid);
    const over = session.ended.then(() => true);
    while (!(await Promise.race([over, false]))) {
      for (const { pid } of watchdogs(debuggerPid)) process.kill(pid, 'SIGKILL');
      // To look at all processes takes processor time.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await session.ended).type, 'lost');
    await assertRunsOn(worker, debuggerPid);
  });
});
