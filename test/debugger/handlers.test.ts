import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { STORM_LIMITS } from '../../src/debugger/storm-guard.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { attach, startReady } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const survives = await compiler.compile('survives-faults.c');
const raises = await compiler.compile('raises-in-handler.c');

/** On a busy machine 500 stops take longer than the usual window. */
const LIMITS = { ...STORM_LIMITS, windowMs: 600_000 };

describe('a worker that handles its faults', () => {
  test('goes on, and what was captured is dropped', async () => {
    await using worker = await startReady(survives, '3');
    await using session = await attach(worker.pid);
    worker.stdin.write('\n');
    await worker.waitForLine('stdout', /^recovered 3$/);
    const outcomes = session.events.map((event) => event.type === 'first-chance' && event.outcome);
    assert.deepEqual(outcomes, ['captured', 'captured', 'captured']);
    worker.stdin.end();
    // getchar may have taken the whole line's rest: either end is the worker's own.
    const end = await session.ended;
    assert.equal(end.type, 'exited');
  });

  test('ten thousand times is left alone and finishes', async () => {
    await using worker = await startReady(survives, '10000');
    await using session = await attach(worker.pid, { stormLimits: LIMITS });
    worker.stdin.write('\n');
    await worker.waitForLine('stdout', /^recovered 10000$/);
    assert.deepEqual(await session.ended, { type: 'detached', reason: 'signal-storm', capture: null });
    const outcomes = session.events.map((event) => event.type === 'first-chance' && event.outcome);
    assert.equal(outcomes.filter((outcome) => outcome === 'captured').length, STORM_LIMITS.captures);
    assert.ok(outcomes.length <= STORM_LIMITS.tooMany);
  });

  test('of a kind that gdbserver can pass is asked about no more, until the storm is over', async () => {
    const bus = await compiler.compile('survives-faults.c', ['-DSIGNAL=SIGBUS']);
    await using worker = await startReady(bus, '10000');
    await using session = await attach(worker.pid, { stormLimits: { ...LIMITS, quietMs: 600_000 } });
    worker.stdin.write('\n');
    await worker.waitForLine('stdout', /^recovered 10000$/);
    assert.equal(session.events.filter(({ type }) => type === 'first-chance').length, STORM_LIMITS.stops);
    assert.equal(session.events.at(-1)?.type, 'storm');
  });
});

describe('a worker whose handler', () => {
  for (const [way, signal, number] of [
    ['raise', 'SIGSEGV', 11],
    ['abort', 'SIGABRT', 6],
    // Both with the signal blocked: it arrives when the handler has returned, or at another thread.
    ['return', 'SIGSEGV', 11],
    ['kill', 'SIGSEGV', 11],
  ] as const) {
    test(`ends it by ${way} was ended by the fault that the handler was for`, async () => {
      await using worker = await startReady(raises, way);
      await using session = await attach(worker.pid);
      worker.stdin.write('\n');
      const end = await session.ended;
      assert.equal((await worker.exited).signal, signal);
      assert.match(worker.stderr, /caught 11/);
      assert.ok(end.type === 'killed' && end.signal === number && end.capture !== null);
      assert.equal(end.capture.signal, 11);
      assert.equal(end.capture.handled, true);
      const outcomes = session.events.map((event) => event.type === 'first-chance' && event.outcome);
      assert.deepEqual(outcomes, ['captured', 'raised-by-handler']);
    });
  }

  test('exits has exited', async () => {
    await using worker = await startReady(raises, 'exit');
    await using session = await attach(worker.pid);
    worker.stdin.write('\n');
    assert.deepEqual(await session.ended, { type: 'exited', code: 9 });
  });
});
