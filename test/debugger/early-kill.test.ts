import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { processesMarked, untilNoneMarked } from '../support/leftovers.ts';
import { IS_COMPLETE } from '../support/matrix.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';
import { COMPILED, startReady, stateOf, until } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const loads = await compiler.compile('loads-libraries.c');
const SCRIPTS = path.join(import.meta.dirname, '../support/debugger');

/** Attaching takes some milliseconds; the moments are spread over them. */
const MOMENTS_MS = [0, 1, 2, 3, 5, 7, 10, 15, ...(IS_COMPLETE ? [0.5, 1.5, 2.5, 4, 6, 8, 12, 20] : [])];

describe('kill -9 of crashmon while it attaches leaves no gdbserver', { concurrency: 2 }, () => {
  test('to a running worker, which runs on', async () => {
    await using worker = await startReady(loads);
    for (const afterMs of MOMENTS_MS) {
      const mark = randomUUID();
      await killedAfter(afterMs, ['attach-and-wait.ts', String(worker.pid)], mark);
      await untilNoneMarked(mark);
      await until(() => stateOf(worker.pid)?.tracerPid === 0);
    }
    worker.stdin.write('\n');
    await worker.waitForLine('stdout', /^loaded 1$/);
  });

  test('to one that is started below it, whose input has ended', async () => {
    for (const afterMs of MOMENTS_MS) {
      const mark = randomUUID();
      await killedAfter(afterMs, ['launch-and-wait.ts', loads], mark);
      await untilNoneMarked(mark);
    }
  });
});

describe('ps shows the name of the watchdog, and nothing of where crashmon is', () => {
  async function watchdogsOf(...watchdog: string[]): Promise<string[]> {
    await using worker = await startReady(loads);
    const mark = randomUUID();
    const args = [...COMPILED, path.join(SCRIPTS, 'attach-and-wait.ts'), String(worker.pid), ...watchdog];
    await using us = startProgram(process.execPath, args, { env: { MARK: mark } });
    await us.waitForLine('stdout', /^attached/);
    const watchdogs = processesMarked(mark).filter(({ pid }) => pid !== us.pid);
    return watchdogs.map(({ commandLine }) => commandLine).filter((line) => line.includes('watchdog'));
  }

  test('the compiled one, which sees soon that crashmon is stopped', async () => {
    const lines = await watchdogsOf();
    // It and its second process.
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, /^gdbserver-watchdog \d+ \d+ \d+$/);
  });

  test('the shell script in its place', async () => {
    const lines = await watchdogsOf(path.join(SCRIPTS, 'nowhere'));
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, /^\/bin\/sh \.\/gdbserver-watchdog\.sh \d+ \d+ \d+$/);
  });
});

async function killedAfter(ms: number, [script = '', argument = '']: string[], mark: string): Promise<void> {
  const args = [...COMPILED, path.join(SCRIPTS, script), argument];
  const us = startProgram(process.execPath, args, { env: { MARK: mark } });
  await us.waitForLine('stdout', /^attaching/);
  await new Promise((resolve) => setTimeout(resolve, ms));
  // Not its group, as disposal would.
  us.kill('SIGKILL');
  await us.exited;
}
