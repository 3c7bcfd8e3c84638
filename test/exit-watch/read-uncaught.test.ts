import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import { UncaughtReader } from '../../src/exit-watch/uncaught-reader.ts';
import { verifiedFrames } from '../../src/formats/script-frames/verify-frames.ts';
import type { CandidateRecord } from '../../src/model/probe-record.ts';
import { readExecutable } from '../../src/worker/process-info.ts';
import { until } from '../debugger/debugged.ts';
import { dieWatched } from '../support/exit-watch/die-watched.ts';
import { matrix } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { startProgram } from '../support/run-program.ts';
import { watchWell } from './watched.ts';

const watch = new ExitWatch({ onProblem: (message) => assert.fail(message) });
assert.equal(await watch.start(), null);
after(() => watch.end());
const reader = new UncaughtReader(watch);

type Expected = {
  code: number;
  event: CandidateRecord['event'];
  type?: string;
  /** Of the innermost verified frames of the app: `function line:column`, or without a position. */
  frames?: readonly string[];
  isHandled?: true;
};

const UNCAUGHT: Readonly<Record<string, Expected>> = {
  'throws-error.cjs': {
    code: 1,
    event: 'uncaught',
    type: 'TypeError',
    frames: ['Shop.order 3:11', 'handleRequest 7:14', 'null 9:1'],
  },
  'throws-error.mjs': {
    code: 1,
    event: 'uncaught',
    type: 'TypeError',
    frames: ['Shop.order 3:11', 'handleRequest 7:14', 'null 9:1'],
  },
  'rejects.cjs': { code: 1, event: 'rejection', type: 'RangeError' },
  'emits-unhandled-error.cjs': { code: 1, event: 'uncaught', type: 'Error', frames: ['fail 3:36'] },
  'overflows-stack.cjs': { code: 1, event: 'uncaught', type: 'RangeError' },
  'handler-exits.cjs': {
    code: 1,
    event: 'uncaught',
    type: 'Error',
    frames: ['Timeout.fail 6:9'],
    isHandled: true,
  },
  'rejection-handler-exits.cjs': {
    code: 1,
    event: 'handled-rejection',
    type: 'Error',
    frames: ['fail 8:9'],
    isHandled: true,
  },
  'handler-exits-silently.cjs': {
    code: 1,
    event: 'uncaught',
    type: 'TypeError',
    frames: ['order 7:11', 'handleRequest 12:14'],
    isHandled: true,
  },
  'rejection-handler-exits-silently.cjs': {
    code: 1,
    event: 'handled-rejection',
    type: 'RangeError',
    frames: ['fail 6:9'],
    isHandled: true,
  },
  'throws-string.cjs': { code: 1, event: 'uncaught' },
  'throws-object.cjs': { code: 1, event: 'uncaught' },
  'throws-undefined.cjs': { code: 1, event: 'uncaught' },
  'rejects-string.cjs': { code: 1, event: 'rejection' },
};
const EXITS: Readonly<Record<string, { code: number; caller: string }>> = {
  'exits.cjs': { code: 3, caller: 'giveUp' },
  'exits.mjs': { code: 3, caller: 'giveUp' },
  'catches-and-exits.cjs': { code: 2, caller: '' },
};

const readSource = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/** What the analysis lets pass of the frames. */
function framesOf(record: CandidateRecord, fixture: string): string[] {
  return verifiedFrames(record.thrown?.frames ?? [], readSource)
    .frames.filter(({ file }) => path.basename(file ?? '') === fixture)
    .map(({ function: name, line, column }) => (line === null ? `${name}` : `${name} ${line}:${column}`));
}

/** What is found in another way on each version. */
const ON_EACH = ['throws-error.cjs', 'rejects.cjs', 'handler-exits-silently.cjs'];
const CELLS = matrix(Object.keys(UNCAUGHT), nodeBinaries());

for (const { major, path: node } of nodeBinaries()) {
  describe(`Node ${major}`, () => {
    for (const [fixture, expected] of Object.entries(UNCAUGHT)) {
      const isCell = CELLS.some((cell) => cell[0] === fixture && cell[1].major === major);
      if (!isCell && !ON_EACH.includes(fixture)) continue;
      test(`the exception of ${fixture}`, async () => {
        const { code, record } = await dieWatched(watch, reader, node, fixture);
        assert.equal(code, expected.code);
        assert.ok(record !== null);
        assert.equal(record.event, expected.event);
        assert.equal(record.appHandles, expected.isHandled ?? false);
        assert.equal(record.thrown?.type, expected.type);
        const frames = framesOf(record, fixture);
        if (expected.type !== undefined) assert.ok(frames.length > 0, 'no frames');
        if (expected.frames) assert.deepEqual(frames.slice(0, expected.frames.length), expected.frames);
      });
    }

    for (const [fixture, { code, caller }] of Object.entries(EXITS)) {
      test(`no exception, but the caller of process.exit, ended ${fixture}`, async () => {
        const death = await dieWatched(watch, reader, node, fixture);
        assert.equal(death.code, code);
        assert.equal(death.record?.event, 'exit');
        assert.equal(death.record?.thrown, null);
        const [innermost] = death.record?.callerFrames ?? [];
        assert.equal(path.basename(innermost?.file ?? ''), fixture);
        assert.equal(innermost?.function ?? '', caller);
      });
    }

    test('nothing is read of a process whose event loop ended', async () => {
      assert.deepEqual(await dieWatched(watch, reader, node, 'sets-exit-code.cjs'), {
        code: 5,
        record: null,
      });
    });

    test('causes, codes and members', async () => {
      const { record } = await dieWatched(watch, reader, node, 'throws-cause-chain.cjs');
      const types: string[] = [];
      for (let each = record?.thrown ?? null; each !== null; each = each.cause) types.push(each.type);
      assert.ok(types.length >= 2, types.join());
      const coded = await dieWatched(watch, reader, node, 'throws-code.cjs');
      assert.match(coded.record?.thrown?.code ?? '', /^[A-Z_]+$/);
      const { record: aggregate } = await dieWatched(watch, reader, node, 'throws-aggregate.cjs');
      assert.equal(aggregate?.thrown?.type, 'AggregateError');
      assert.ok((aggregate?.thrown?.errors.length ?? 0) >= 2);
    });

    test('a message that looks like frames', async () => {
      const { record } = await dieWatched(watch, reader, node, 'throws-fake-frames.cjs');
      assert.ok(record?.thrown?.message.includes('    at '));
      for (const { file } of record?.thrown?.frames ?? []) {
        assert.ok(file?.endsWith('throws-fake-frames.cjs') || file?.startsWith('node:'), String(file));
      }
    });
  });
}

test('another program has no exception to read', async () => {
  await using worker = startProgram('sleep', ['60']);
  await until(() => readExecutable(worker.pid)?.endsWith('/sleep') ?? false);
  const watched = await watchWell(watch, worker.pid, true);
  assert.equal(reader.expect(watched, Date.now()), null);
});

test('the self-test passes, and says when it cannot', async () => {
  // A busy machine can be too slow for the time of a hold.
  let passes = false;
  for (let trial = 0; trial < 100 && !passes; trial++) passes = await new UncaughtReader(watch).selfTest();
  assert.ok(passes);
  const other = new ExitWatch();
  assert.equal(await new UncaughtReader(other).selfTest(), false);
});
