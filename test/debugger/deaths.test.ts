import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { attachDebugger } from '../../src/debugger/attach-debugger.ts';
import { parseSignalInfo } from '../../src/formats/procfs/signal-info.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';
import { attach, look, pointers, startReady, startReadyAsInit } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const program = await compiler.compile('dies-of-signal.c');

const SIGNALS = {
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGSEGV: 11,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGSYS: 31,
} as const;

test('a fault of the first process of a PID namespace is captured, and ends it as it does untraced', async () => {
  await using worker = await startReadyAsInit(program, 'SIGSEGV', '2');
  await using session = await attach(worker.init);
  // Of another process: the kernel drops it.
  process.kill(worker.init, 'SIGSEGV');
  worker.stdin.write('\n');
  const end = await session.ended;
  assert.equal((await worker.exited).signal, 'SIGSEGV');
  assert.ok(end.type === 'detached' && end.reason === 'namespace-init', JSON.stringify(end.type));
  assert.equal(end.capture?.value.snapshot.signal, SIGNALS.SIGSEGV);
  assert.equal(session.events.filter(({ type }) => type === 'first-chance').length, 1);
});

describe('a worker that is ended by', () => {
  for (const [name, number] of Object.entries(SIGNALS)) {
    test(`${name} is captured where it happened`, async () => {
      await using worker = await startReady(program, name, '2');
      await using session = await attach(worker.pid);
      worker.stdin.write('\n');
      const end = await session.ended;
      assert.equal((await worker.exited).signal, name);
      assert.ok(end.type === 'killed' && end.signal === number, JSON.stringify(end.type));
      assert.ok(end.capture !== null, JSON.stringify(session.events));
      assert.equal(end.capture.handled, false);
      const { snapshot, stackBytes, codeBytes } = end.capture.value;
      assert.equal(snapshot.signal, number);
      assert.equal(snapshot.crashingTid, worker.pid);
      assert.equal(snapshot.threads.length, 2);
      assert.equal(parseSignalInfo(snapshot.siginfo ?? new Uint8Array())?.signal, number);
      assert.deepEqual([stackBytes, codeBytes], [256, 8]);
      const { instructionPointer } = pointers(snapshot);
      const code = snapshot.mappings.find(
        ({ start, end: last }) => start <= instructionPointer && instructionPointer < last,
      );
      assert.ok(code?.executable, 'the instruction pointer is in code');
      assert.equal(snapshot.executable, program);
      assert.ok(snapshot.auxv.length > 16 * 10);
    });
  }

  test('SIGKILL or by exiting leaves nothing captured', async () => {
    for (const how of ['SIGKILL', 'exit']) {
      await using worker = await startReady(program, how);
      await using session = await attach(worker.pid);
      worker.stdin.write('\n');
      const expected =
        how === 'exit' ? { type: 'exited', code: 3 } : { type: 'killed', signal: 9, capture: null };
      assert.deepEqual(await session.ended, expected);
      assert.deepEqual(session.events, []);
    }
  });
});

for (const threads of [1, 16, 128]) {
  test(`all of ${threads} threads are captured, each with its own stack`, async () => {
    await using worker = await startReady(program, 'SIGSEGV', String(threads));
    await using session = await attach(worker.pid, { holdLimitMs: 60_000, answerLimitMs: 60_000 });
    worker.stdin.write('\n');
    const end = await session.ended;
    assert.ok(end.type === 'killed' && end.capture !== null);
    const { snapshot } = end.capture.value;
    const all = snapshot.threads.map((_, index) => pointers(snapshot, index));
    assert.equal(new Set(snapshot.threads.map(({ tid }) => tid)).size, threads);
    assert.equal(new Set(all.map(({ stackPointer }) => stackPointer)).size, threads);
    assert.equal(new Set(all.map(({ threadBase }) => threadBase)).size, threads);
    assert.equal(snapshot.threads[0]?.floatRegisters?.length, 512);
  });
}

test('threads that crash together are one crash', async () => {
  const together = await compiler.compile('faults-in-all-threads.c');
  for (let round = 0; round < 5; round += 1) {
    await using worker = await startReady(together, '16');
    await using session = await attach(worker.pid);
    worker.stdin.write('\n');
    const end = await session.ended;
    assert.equal((await worker.exited).signal, 'SIGSEGV');
    assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
    assert.equal(end.capture.value.snapshot.threads.length, 16);
    assert.equal(session.events.length, 1);
  }
});

test('what was held reads as nothing once the worker goes on', async () => {
  await using worker = await startReady(program, 'SIGSEGV');
  await using session = await attach(worker.pid);
  worker.stdin.write('\n');
  const end = await session.ended;
  assert.ok(end.type === 'killed' && end.capture !== null);
  const { snapshot } = end.capture.value;
  assert.equal(snapshot.readMemory(pointers(snapshot).stackPointer, 16).length, 0);
});

describe('a capture that', () => {
  test('never ends delays the death by the limit only', async () => {
    await using worker = await startReady(program, 'SIGSEGV', '4');
    await using session = await attach(worker.pid, {
      holdLimitMs: 100,
      onFatal: () => new Promise(() => {}),
    });
    worker.stdin.write('\n');
    assert.deepEqual(await session.ended, { type: 'killed', signal: 11, capture: null });
    const [event] = session.events;
    assert.ok(event?.type === 'first-chance' && event.outcome === 'late' && event.holdMs >= 90);
  });

  test('throws leaves the worker to its signal', async () => {
    await using worker = await startReady(program, 'SIGFPE');
    const onFatal = () => {
      throw new Error('a bug in the capture');
    };
    await using session = await attach(worker.pid, { onFatal });
    worker.stdin.write('\n');
    assert.deepEqual(await session.ended, { type: 'killed', signal: 8, capture: null });
    assert.equal((await worker.exited).signal, 'SIGFPE');
  });
});

test('a worker that crashes at once is captured or was gone, and is always killed by its signal', async () => {
  for (let round = 0; round < 12; round += 1) {
    await using worker = startProgram(program, ['SIGSEGV', String(1 + round * 2), 'now']);
    if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, round));
    const session = await attachDebugger({ pid: worker.pid, onFatal: look, answerLimitMs: 20_000 });
    if ('failed' in session) {
      assert.ok(['gone', 'first-thread', 'already-traced'].includes(session.failed), session.message);
    } else {
      const end = await session.ended;
      assert.ok(end.type === 'killed' && end.signal === 11);
    }
    assert.equal((await worker.exited).signal, 'SIGSEGV');
  }
});
