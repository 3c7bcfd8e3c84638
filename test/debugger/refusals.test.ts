import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { attachDebugger } from '../../src/debugger/attach-debugger.ts';
import { untilNoneMarked } from '../support/leftovers.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { attach, startReady, stateOf, until } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const program = await compiler.compile('loads-libraries.c');

async function refusal(pid: number, gdbserverPath?: string): Promise<string> {
  const session = await attachDebugger({
    pid,
    onFatal: () => {},
    answerLimitMs: 3000,
    ...(gdbserverPath === undefined ? {} : { gdbserverPath }),
  });
  assert.ok('failed' in session);
  assert.ok(session.message.length > 10 && !session.message.includes('\n'));
  return session.failed;
}

describe('not attached, and left as it was, is a worker', () => {
  test('that has ended', async () => {
    await using worker = startProgram('true', []);
    await worker.exited;
    assert.equal(await refusal(worker.pid), 'gone');
  });

  test('that is a zombie', async () => {
    // The child ends when its parent has become a program that never asks for it.
    const script = '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 30';
    await using worker = startProgram('sh', ['-c', script]);
    const [line] = await worker.waitForLine('stdout', /^\d+$/);
    await until(() => stateOf(Number(line))?.state === 'Z');
    assert.equal(await refusal(Number(line)), 'gone');
  });

  test('that is stopped: it stays so', async () => {
    await using worker = await startReady(program);
    worker.kill('SIGSTOP');
    await until(() => stateOf(worker.pid)?.state === 'T');
    assert.equal(await refusal(worker.pid), 'stopped');
    assert.equal(stateOf(worker.pid)?.state, 'T');
    worker.kill('SIGCONT');
  });

  test('that has a tracer', async () => {
    await using worker = await startReady(program);
    await using session = await attach(worker.pid);
    assert.equal(await refusal(worker.pid), 'already-traced');
    assert.equal(stateOf(worker.pid)?.tracerPid, session.debuggerPid);
  });

  test('that lets itself be traced', async () => {
    await using worker = startProgram(await compiler.compile('traces-itself.c'), [], { input: 'open' });
    const [, pid] = await worker.waitForLine('stdout', /^ready (\d+)$/);
    assert.equal(await refusal(Number(pid)), 'already-traced');
    worker.stdin.end();
    assert.equal((await worker.exited).code, 0);
  });

  test('where gdbserver is not installed, or is something else', async () => {
    await using worker = await startReady(program);
    assert.equal(await refusal(worker.pid, '/nowhere/gdbserver'), 'no-gdbserver');
    assert.equal(await refusal(worker.pid, 'true'), 'protocol');
    assert.equal(await refusal(worker.pid, 'cat'), 'protocol');
    assert.equal(stateOf(worker.pid)?.tracerPid, 0);
  });

  test('of another user', async () => {
    assert.equal(process.getuid?.(), 0, 'only root can become another user: run the tests as root');
    await using directory = await temporaryDirectory('unprivileged');
    const script = path.join(directory.path, 'gdbserver');
    await writeFile(
      script,
      '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups gdbserver "$@"\n',
    );
    await chmod(script, 0o755);
    await using worker = await startReady(program);
    assert.equal(await refusal(worker.pid, script), 'not-permitted');
    assert.equal(stateOf(worker.pid)?.tracerPid, 0);
    assert.equal(stateOf(worker.pid)?.state, 'S');
  });

  test('where ptrace is disabled: gdbserver hangs, and its child is not left stopped', async () => {
    const forbids = await compiler.compile('forbids-tracing.c');
    await using directory = await temporaryDirectory('forbidden');
    const script = path.join(directory.path, 'gdbserver');
    await writeFile(script, `#!/bin/sh\nMARK='${directory.path}' exec '${forbids}' gdbserver "$@"\n`);
    await chmod(script, 0o755);
    await using worker = await startReady(program);
    assert.equal(await refusal(worker.pid, script), 'not-permitted');
    await untilNoneMarked(directory.path);
    assert.equal(stateOf(worker.pid)?.state, 'S');
  });

  test('when it was called off', async () => {
    await using worker = await startReady(program);
    const session = await attachDebugger({ pid: worker.pid, onFatal: () => {}, signal: AbortSignal.abort() });
    assert.ok('failed' in session && session.failed === 'aborted');
  });
});
