import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { launchUnderDebugger } from '../../../src/debugger/launch-under-debugger.ts';
import { hasSignal } from '../../../src/formats/procfs/process-status.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { look, stateOf } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());

async function launch(...command: string[]) {
  const directory = await temporaryDirectory('launch');
  const output = path.join(directory.path, 'output');
  const [stdin, stdout] = [openSync('/dev/zero', 'r'), openSync(output, 'w')];
  const { PATH } = process.env;
  const launched = await launchUnderDebugger({
    command,
    env: { PATH, MARK: 'kept' },
    stdin,
    stdout,
    stderr: stdout,
    onFatal: look,
    holdLimitMs: 5000,
  });
  closeSync(stdin);
  closeSync(stdout);
  assert.ok(launched !== null);
  return {
    ...launched,
    output: () => readFileSync(output, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      if (!('failed' in launched.session)) await launched.session.detach();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe('a worker that is started under a debugger', () => {
  test('is its child and has the signals, environment and streams it was given', async () => {
    const script = `
      const { ppid, env, pid } = process;
      process.stdin.once('data', (bytes) => {
        console.log(JSON.stringify({ ppid, pid, mark: env.MARK, zeros: bytes.every((byte) => byte === 0) }));
        process.kill(pid, 'SIGINT');
      });`;
    await using launched = await launch(process.execPath, '-e', script);
    assert.ok(!('failed' in launched.session));
    const { pid, session } = launched;
    const status = stateOf(pid);
    assert.ok(status !== null && !hasSignal(status.ignored, 2) && !hasSignal(status.ignored, 3));
    assert.deepEqual(await session.ended, { type: 'killed', signal: 2, capture: null });
    assert.deepEqual(JSON.parse(launched.output()), {
      ppid: session.debuggerPid,
      pid,
      mark: 'kept',
      zeros: true,
    });
  });

  test('is captured like any other', async () => {
    await using launched = await launch(
      'sh',
      '-c',
      'sleep 0.5; exec "$0" SIGSEGV 3 now',
      await compiler.compile('dies-of-signal.c'),
    );
    assert.ok(!('failed' in launched.session));
    const end = await launched.session.ended;
    assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
    assert.equal(end.capture.value.snapshot.threads.length, 3);
  });

  test('runs where there is no gdbserver, or ends as it would', async () => {
    await using launched = await launch('false');
    const { session } = launched;
    if ('failed' in session) assert.equal(session.failed, 'gone');
    else assert.deepEqual(await session.ended, { type: 'exited', code: 1 });
  });
});
