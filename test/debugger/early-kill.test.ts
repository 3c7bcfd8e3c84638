import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { processesMarked, untilNoneMarked } from '../support/leftovers.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';
import { startReady, stateOf, until } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const loads = await compiler.compile('loads-libraries.c');
const SCRIPTS = path.join(import.meta.dirname, '../support/debugger');

/** Attaching takes some milliseconds; the moments are spread over them. */
const MOMENTS_MS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20];

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

test('ps shows the name of the watchdog, not its script, and nothing of where crashmon is', async () => {
  await using worker = await startReady(loads);
  const mark = randomUUID();
  const args = [path.join(SCRIPTS, 'attach-and-wait.ts'), String(worker.pid)];
  await using us = startProgram(process.execPath, args, { env: { MARK: mark } });
  await us.waitForLine('stdout', /^attached/);
  const watchdogs = processesMarked(mark).filter(({ commandLine }) => commandLine.includes('watchdog'));
  // It and its second process.
  assert.equal(watchdogs.length, 2);
  for (const { pid, commandLine } of watchdogs) {
    assert.match(commandLine, /^\/bin\/sh \.\/gdbserver-watchdog\.sh \d+ \d+ \d+ 1$/);
    assert.ok(readFileSync(`/proc/${pid}/cmdline`).length < 80);
  }
});

async function killedAfter(ms: number, [script = '', argument = '']: string[], mark: string): Promise<void> {
  const args = [path.join(SCRIPTS, script), argument];
  const us = startProgram(process.execPath, args, { env: { MARK: mark } });
  await us.waitForLine('stdout', /^attaching/);
  await new Promise((resolve) => setTimeout(resolve, ms));
  // Not its group, as disposal would.
  us.kill('SIGKILL');
  await us.exited;
}
