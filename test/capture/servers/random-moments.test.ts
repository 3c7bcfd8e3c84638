import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { classifyFault } from '../../../src/analysis/fault/classify-fault.ts';
import { writeTrimmedCore } from '../../../src/capture/native/trimmed-core.ts';
import { attachDebugger } from '../../../src/debugger/attach-debugger.ts';
import { readStatus, readThreads } from '../../../src/debugger/traced-process.ts';
import type { ProcessSnapshot } from '../../../src/model/process-snapshot.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { dieUnderDebugger, namesOf } from '../../support/native/die-under-debugger.ts';
import { rounds } from '../../support/rounds.ts';
import { type RunningProgram, startProgram } from '../../support/run-program.ts';
import { seededRandom } from '../../support/seed.ts';

const random = seededRandom();

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());

/** Within its own limits a debugger would leave the worker on a machine that is busy for seconds. */
const PATIENT = { holdLimitMs: 20_000, answerLimitMs: 20_000 };

const capture = (snapshot: ProcessSnapshot) => ({
  fault: classifyFault(snapshot),
  core: writeTrimmedCore(snapshot),
});

test('a crash at any moment of starting and attaching', { timeout: rounds(180_000) }, async (context) => {
  const program = await compiler.compile('crashes-soon.c');
  const outcomes: string[] = [];
  /** Attaching takes longer on a busy machine. */
  let latestMs = 60;
  for (let round = 0; round < rounds(12); round += 1) {
    const crashAfterUs = 1 + Math.floor(random() * latestMs * 1_000);
    const threads = [1, 2, 4, 16][round % 4] ?? 1;
    await using worker = startProgram(program, [String(crashAfterUs), String(threads)], {
      deadlineMs: 120_000,
    });
    await delay(random() * 20);
    const session = await attachDebugger({ pid: worker.pid, onFatal: capture, ...PATIENT });
    assert.equal((await worker.exited).signal, 'SIGSEGV');
    if ('failed' in session) {
      // A thread that is just ending looks untraced and cannot be attached to; the first one can end before the others.
      const isOfEnd = ['gone', 'first-thread', 'not-permitted', 'protocol'].includes(session.failed);
      assert.ok(isOfEnd, session.message);
      outcomes.push(session.failed);
      latestMs = Math.min(10_000, latestMs * 1.5);
      continue;
    }
    const end = await session.ended;
    assert.ok(end.type === 'killed' && end.signal === 11, JSON.stringify(end.type));
    outcomes.push(end.capture === null ? 'too late' : 'captured');
    if (end.capture !== null) latestMs = Math.max(60, latestMs / 1.5);
    if (end.capture !== null) assert.equal(end.capture.value.fault.summary, 'null-access');
  }
  const counts = Object.entries(Object.groupBy(outcomes, (outcome) => outcome));
  context.diagnostic(
    counts.map(([outcome, all]) => `${outcome}: ${all?.length} of ${outcomes.length}`).join(', '),
  );
  assert.ok(outcomes.includes('captured'));
});

test('a crash while another thread loads libraries', async () => {
  const program = await compiler.compile('crashes-soon.c');
  for (const threads of [2, 32]) {
    await using worker = startProgram(program, ['0', String(threads)], { input: 'open' });
    const isStarted = () => readThreads(worker.pid).length === threads;
    while (!isStarted()) await delay(5);
    const crash = () => void worker.stdin.write('x\n');
    const { end, stack, fault } = await dieUnderDebugger(worker.pid, crash, { allThreads: true });
    assert.equal((await worker.exited).signal, 'SIGSEGV');
    assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
    assert.equal(fault?.summary, 'null-access');
    assert.deepEqual(namesOf(stack).slice(0, 2), ['crash', 'main']);
    assert.equal(stack?.threads.length, threads);
  }
});

const DID = /^did (\d+) (\d+) (\d+) (\d+)$/;

async function did(worker: RunningProgram): Promise<number[]> {
  const from = worker.stdout.length;
  worker.stdin.write('\n');
  return (await worker.waitForLine('stdout', DID, from)).slice(1).map(Number);
}

/** It is not traced, no thread of it stands still, and everything that it does goes on. */
async function assertWell(worker: RunningProgram): Promise<void> {
  const before = await did(worker);
  const deadline = performance.now() + 120_000;
  for (;;) {
    const now = await did(worker);
    const goesOn = now.every((count, index) => count > (before[index] ?? 0));
    const states = readThreads(worker.pid).map((tid) => readStatus(worker.pid, tid));
    const free = states.every(
      (status) => status === null || (status.tracerPid === 0 && status.state !== 'T'),
    );
    if (goesOn && free) return;
    const found = states.map((status) => `${status?.state}${status?.tracerPid}`).join(' ');
    assert.ok(performance.now() < deadline, `${before} → ${now}, ${found}`);
    await delay(5);
  }
}

describe('a worker that starts threads and children, loads libraries and gets signals all the time', () => {
  const LEAVES = ['detach', 'kill -9 of gdbserver', 'abort'] as const;
  for (const how of LEAVES) {
    test(`goes on with all of it after ${how}`, { timeout: rounds(180_000) }, async () => {
      await using worker = startProgram(await compiler.compile('churns.c'), [], { input: 'open' });
      await worker.waitForLine('stdout', /^ready$/);
      for (let round = 0; round < rounds(3); round += 1) {
        const controller = new AbortController();
        const { signal } = controller;
        const session = await attachDebugger({ pid: worker.pid, onFatal: capture, signal, ...PATIENT });
        assert.ok(!('failed' in session), 'failed' in session ? session.message : '');
        await delay(random() * 15);
        if (how === 'detach') await session.detach();
        else if (how === 'abort') controller.abort();
        else process.kill(session.debuggerPid, 'SIGKILL');
        const end = await session.ended;
        assert.equal(end.type, how === 'kill -9 of gdbserver' ? 'lost' : 'detached');
        await assertWell(worker);
      }
      const { end, events, stack } = await dieUnderDebugger(worker.pid, () => void worker.stdin.write('x\n'));
      assert.equal((await worker.exited).signal, 'SIGSEGV');
      const isCaptured = end.type === 'killed' && end.signal === 11 && end.capture !== null;
      assert.ok(isCaptured, JSON.stringify([end.type, 'message' in end && end.message, events]));
      assert.deepEqual(namesOf(stack).slice(0, 2), ['crash', 'main']);
    });
  }
});
