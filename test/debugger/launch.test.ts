import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { launchUnderDebugger } from '../../src/debugger/launch-under-debugger.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { look, stateOf, until } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const dies = await compiler.compile('dies-of-signal.c');

type Extra = { gdbserverPath?: string; answerLimitMs?: number; env?: NodeJS.ProcessEnv };

async function launch(command: readonly string[], { env = {}, ...extra }: Extra = {}) {
  const directory = await temporaryDirectory('launch');
  const output = path.join(directory.path, 'output');
  const [stdin, stdout] = [openSync('/dev/zero', 'r'), openSync(output, 'w')];
  const { PATH } = process.env;
  const launched = await launchUnderDebugger({
    command,
    env: { PATH, MARK: 'kept', ...env },
    ownVariables: ['OWN'],
    stdin,
    stdout,
    stderr: stdout,
    onFatal: look,
    holdLimitMs: 20_000,
    answerLimitMs: 20_000,
    gateMs: 20_000,
    ...extra,
  });
  closeSync(stdin);
  closeSync(stdout);
  assert.ok(launched !== null);
  const session = await launched.session;
  return {
    ...launched,
    session,
    output: () => readFileSync(output, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      if (!('failed' in session)) await session.detach();
      await launched.tracer.end();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Command line and process id of its first child, '' for none. */
function childOf(pid: number): string {
  try {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0] ?? '';
    return `${readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' ')}${child}`;
  } catch {
    return '';
  }
}

describe('a worker that is started below a debugger', () => {
  test('has the environment, streams and signals that it would have without', async () => {
    const script = `
      const { env, pid, argv } = process;
      process.stdin.once('data', (bytes) => {
        const zeros = bytes.every((byte) => byte === 0);
        const [, ignored] = /SigIgn:\\s*(.*)/.exec(require('fs').readFileSync('/proc/self/status'));
        const interruptible = (BigInt('0x' + ignored) & 6n) === 0n;
        console.log(JSON.stringify({ pid, env, zeros, interruptible, args: argv.slice(1) }));
        process.kill(pid, 'SIGINT');
      });`;
    const env = { OWN: 'only the worker’s', SHLVL: '7' };
    await using launched = await launch([process.execPath, '-e', script, '', 'a b', "'$x"], { env });
    const { pid, session } = launched;
    assert.ok(!('failed' in session));
    assert.deepEqual(await session.ended, { type: 'killed', signal: 2, capture: null });
    assert.deepEqual(await launched.ended, { status: 130, isSignal: true });
    assert.deepEqual(JSON.parse(launched.output()), {
      pid,
      env: { PATH: process.env.PATH, MARK: 'kept', ...env },
      zeros: true,
      interruptible: true,
      args: ['', 'a b', "'$x"],
    });
  });

  test('is captured, however soon it dies', async () => {
    for (let round = 0; round < 10; round += 1) {
      await using launched = await launch([dies, 'SIGSEGV', '3', 'now']);
      assert.ok(!('failed' in launched.session));
      const end = await launched.session.ended;
      assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
      assert.equal(end.capture.value.snapshot.executable, dies);
      assert.deepEqual(await launched.ended, { status: 128 + 11, isSignal: true });
    }
  });

  test('exits as ever when its debugger is killed, at any time', async () => {
    for (let round = 0; round < 10; round += 1) {
      await using launched = await launch(['sh', '-c', 'sleep 0.1; exit 7']);
      assert.ok(!('failed' in launched.session));
      await new Promise((resolve) => setTimeout(resolve, round));
      process.kill(launched.session.debuggerPid, 'SIGKILL');
      assert.deepEqual(await launched.ended, { status: 7, isSignal: false });
      assert.equal((await launched.session.ended).type, 'lost');
    }
  });

  test('runs on when it is detached', async () => {
    await using launched = await launch(['sleep', '60']);
    assert.ok(!('failed' in launched.session));
    await launched.session.detach();
    assert.equal(stateOf(launched.pid)?.tracerPid, 0);
    await until(() => stateOf(launched.pid)?.state === 'S');
    process.kill(launched.pid, 'SIGTERM');
    assert.deepEqual(await launched.ended, { status: 128 + 15, isSignal: true });
  });

  test('what it starts is attached by the same debugger, one after the other', async () => {
    await using launched = await launch(['sh', '-c', 'sleep 60; sleep 61; sleep 62; exit 139']);
    const { pid, session, tracer } = launched;
    assert.ok(!('failed' in session));
    await session.detach();
    const ends: unknown[] = [];
    for (const seconds of [60, 61, 62]) {
      await until(() => childOf(pid).startsWith(`sleep ${seconds} `));
      const child = Number(childOf(pid).split(' ').at(-1));
      const next = await tracer.attach({ pid: child, onFatal: look, holdLimitMs: 20_000 });
      assert.ok(!('failed' in next), JSON.stringify(next));
      assert.equal(stateOf(child)?.tracerPid, session.debuggerPid);
      if (seconds === 61) await next.detach();
      process.kill(child, 'SIGSEGV');
      const end = await next.ended;
      ends.push(end.type === 'killed' ? end.capture?.signal : end.type);
    }
    assert.deepEqual(ends, [11, 'detached', 11]);
    assert.deepEqual(await launched.ended, { status: 139, isSignal: false });
  });

  test('a process that is gone does not cost the debugger', async () => {
    await using launched = await launch(['sleep', '60']);
    const { pid, session, tracer } = launched;
    assert.ok(!('failed' in session));
    await session.detach();
    const gone = await tracer.attach({ pid: 2 ** 22 - 1, onFatal: look });
    assert.ok('failed' in gone && gone.failed === 'gone');
    const again = await tracer.attach({ pid, onFatal: look });
    assert.ok(!('failed' in again));
    process.kill(pid, 'SIGTERM');
    assert.deepEqual(await again.ended, { type: 'killed', signal: 15, capture: null });
    assert.deepEqual(await launched.ended, { status: 128 + 15, isSignal: true });
  });

  test('runs where the debugger is something else', async () => {
    await using launched = await launch(['sh', '-c', 'exit 9'], { gdbserverPath: 'true' });
    assert.ok('failed' in launched.session && launched.session.failed === 'protocol');
    assert.deepEqual(await launched.ended, { status: 9, isSignal: false });
  });

  test('is not started where something is missing', async () => {
    for (const [command, gdbserverPath] of [
      ['/nowhere/worker', 'gdbserver'],
      ['true', '/nowhere/gdbserver'],
      ['name=value', 'gdbserver'],
    ] as const) {
      const launched = await launchUnderDebugger({
        command: [command],
        env: { PATH: process.env.PATH },
        ownVariables: [],
        stderr: 'inherit',
        onFatal: look,
        gdbserverPath,
      });
      assert.equal(launched, null);
    }
  });
});
