import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { NativeStack } from '../../../src/model/native-stack.ts';
import { unwindCore } from '../../../src/symbols/native/unwind-core.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { crashed } from '../../support/native/crashed.ts';
import { dieUnderDebugger } from '../../support/native/die-under-debugger.ts';
import { startProgram } from '../../support/run-program.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { crashesFrom } from '../crashes.ts';

const FRAMES = 30;
/** A worker that waits to be attached to, and then is another program. */
const WAIT_AND_EXECUTE = 'echo ready; read -r line; exec "$0" "$@"';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());

/** What does not differ from one process of a program to the next. */
function framesOf(stack: NativeStack | null, executable: string): string[] {
  return (stack?.threads[0]?.frames ?? []).slice(0, FRAMES).map((frame, index) => {
    const module = frame.module?.startsWith(executable) ? 'program' : (frame.module ?? '');
    // Which instruction of a function was the one that ran out of stack is a matter of where the stack began.
    const offset = frame.module === null || index === 0 ? '' : frame.moduleOffset?.toString(16);
    const place = `${module}+${offset}`;
    return [frame.function, frame.file, frame.line, place, frame.inlined, frame.trust].join(' ');
  });
}

describe('what a debugger captures of a program that it saw start is what its full core says', () => {
  for (const crash of crashesFrom('debugger')) {
    const { fixture, args, flags, expected } = crash;
    test([fixture, ...args, ...flags].join(' '), { timeout: 180_000 }, async () => {
      await using dead = await crashed(compiler, crash);
      await using directory = await temporaryDirectory('captured');
      let program = dead.executable;
      if (crash.own) {
        program = path.join(directory.path, path.basename(dead.executable));
        await copyFile(await compiler.compile(fixture, flags), program);
      }
      const command = ['-c', WAIT_AND_EXECUTE, program, ...args];
      await using worker = startProgram('sh', command, { input: 'open', cwd: directory.path });
      await worker.waitForLine('stdout', /^ready$/);
      const death = await dieUnderDebugger(worker.pid, () => void worker.stdin.write('\n'));
      assert.equal(death.events[0]?.type, 'exec');
      assert.ok(death.end.type === 'killed' && death.end.signal === death.fault?.signal);
      assert.deepEqual({ ...death.fault, ...expected }, death.fault);
      const whole = { corePath: dead.core, executable: dead.executable, timeoutMs: 60_000 };
      const expectedFrames = framesOf(await unwindCore(whole), dead.executable);
      assert.ok(expectedFrames.length > 0);
      assert.deepEqual(framesOf(death.stack, program), expectedFrames);
    });
  }
});
