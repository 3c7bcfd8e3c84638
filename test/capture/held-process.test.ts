import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { classifyFault } from '../../src/analysis/fault/classify-fault.ts';
import { type TrimmedCore, writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import { attachDebugger } from '../../src/debugger/attach-debugger.ts';
import type { FaultClassification } from '../../src/model/fault.ts';
import { type NativeCompiler, nativeCompiler } from '../support/native/compile.ts';
import { euStackFrames, gdbFrames } from '../support/native/unwind.ts';
import { startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { DEBUG } from './crashes.ts';

type Capture = { core: TrimmedCore; fault: FaultClassification; trimMs: number };

describe('a process that a debugger holds', () => {
  let compiler: NativeCompiler;
  before(async () => {
    compiler = await nativeCompiler();
  });
  after(() => compiler[Symbol.asyncDispose]());

  for (const [threads, megabytes] of [
    [1, 1],
    [64, 1],
    [4, 500],
  ] as const) {
    test(`of ${threads} threads and ${megabytes} MB is trimmed in milliseconds`, {
      timeout: 120_000,
    }, async (context) => {
      await using directory = await temporaryDirectory('held');
      const program = await compiler.compile('waits-to-crash.c', DEBUG);
      await using worker = startProgram(program, [String(threads), String(megabytes)], { input: 'open' });
      await worker.waitForLine('stdout', /^ready/);
      const session = await attachDebugger<Capture>({
        pid: worker.pid,
        // The machine may be busy; what is measured is said, not asserted.
        holdLimitMs: 20_000,
        onFatal(snapshot) {
          const started = performance.now();
          const core = writeTrimmedCore(snapshot);
          const trimMs = performance.now() - started;
          return { core, fault: classifyFault(snapshot), trimMs };
        },
      });
      assert.ok(!('failed' in session), 'attached');
      worker.stdin.write('\n');
      const end = await session.ended;
      assert.equal((await worker.exited).signal, 'SIGSEGV');
      assert.ok(end.type === 'killed' && end.capture !== null);
      const { core, fault, trimMs } = end.capture.value;
      const { sizeBytes, chunks, problems } = core;
      const held = `${trimMs.toFixed(1)} ms of ${end.capture.holdMs.toFixed(1)} ms held`;
      context.diagnostic(`${(sizeBytes / 1024).toFixed(0)} KB in ${held}`);

      assert.equal(fault.summary, 'null-access');
      assert.deepEqual(problems, []);
      assert.ok(sizeBytes < 1024 * 1024);
      const file = path.join(directory.path, 'trimmed');
      await writeFile(file, Buffer.concat(chunks));
      const gdb = await gdbFrames(program, file);
      for (const [index, name] of ['crash', 'checkout', 'main'].entries()) {
        // gdb prints the frame that it begins with twice.
        assert.match(gdb[index + 1] ?? '', new RegExp(` ${name} \\(`));
      }
      const stacks = await euStackFrames(program, file);
      assert.equal(stacks.length, threads);
      assert.match(stacks[0]?.[0] ?? '', / crash /);
      for (const stack of stacks.slice(1)) assert.match(stack.join('\n'), / wait_for_ever /);
    });
  }
});
