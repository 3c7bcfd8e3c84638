import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT, startCrashmon } from '../../support/crashmon.ts';
import { matrix, tested } from '../../support/matrix.ts';
import { nodeBinaries } from '../../support/node-versions.ts';
import { storedExits } from '../../support/stored-exits.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';

type Way = {
  /** One that ends with `input` is sent a line once the debugger is attached. */
  args: readonly string[];
  /** What `crashmon run --restart never` ends with: the worker's own exit code or signal. */
  ends: number | string;
  /** null: no crash. */
  kind: string | null;
  type?: string | null;
  /** The app's innermost frame. */
  top?: string;
  repeats?: boolean;
  isRepeated?: true;
};

const WAYS: readonly Way[] = [
  { args: ['throws-error.cjs'], ends: 1, kind: 'exception', type: 'TypeError', top: 'Shop.order' },
  {
    args: ['throws-error.mjs'],
    ends: 1,
    kind: 'exception',
    type: 'TypeError',
    top: 'Shop.order',
    isRepeated: true,
  },
  { args: ['throws-string.cjs'], ends: 1, kind: 'exception', type: 'string', top: '(throw site)' },
  {
    args: ['fails-in-callback.cjs'],
    ends: 1,
    kind: 'exception',
    type: 'Error',
    top: '(throw site)',
    isRepeated: true,
  },
  { args: ['rejects.cjs'], ends: 1, kind: 'rejection', type: 'RangeError', top: 'load' },
  {
    args: ['overflows-stack.cjs'],
    ends: 1,
    kind: 'stack-overflow',
    type: 'RangeError',
    top: 'descend',
    repeats: true,
  },
  { args: ['has-syntax-error.cjs'], ends: 1, kind: 'exception', type: 'SyntaxError' },
  { args: ['exits.cjs'], ends: 3, kind: 'exit', type: null, top: 'giveUp' },
  { args: ['exits.mjs'], ends: 3, kind: 'exit', type: null, top: 'giveUp', isRepeated: true },
  { args: ['handler-exits.cjs'], ends: 1, kind: 'exception', top: 'Timeout.fail' },
  { args: ['handler-throws.cjs'], ends: 7, kind: 'exception', top: 'Timeout.fail' },
  { args: ['handler-survives.cjs'], ends: 0, kind: null },
  { args: ['rejection-handler-exits.cjs'], ends: 1, kind: 'rejection', top: 'fail', isRepeated: true },
  { args: ['aborts.cjs'], ends: 'SIGABRT', kind: 'abort', type: null, top: 'panic' },
  {
    args: ['throws-cause-chain.cjs'],
    ends: 1,
    kind: 'exception',
    type: 'TypeError',
    top: 'load',
    isRepeated: true,
  },
  {
    args: ['throws-aggregate.cjs'],
    ends: 1,
    kind: 'exception',
    type: 'AggregateError',
    top: 'tryAll',
    isRepeated: true,
  },
  { args: ['is-terminated.cjs'], ends: 'SIGTERM', kind: null },
  {
    args: ['--max-old-space-size=30', '../run/exhausts-heap.cjs'],
    ends: 'SIGABRT',
    kind: 'out-of-memory',
    type: null,
  },
  {
    args: ['../run/faults.cjs', 'SIGSEGV', 'input'],
    ends: 'SIGSEGV',
    kind: 'fault',
    type: null,
    top: 'fault',
  },
  {
    args: ['../run/faults.cjs', 'SIGBUS', 'input'],
    isRepeated: true,
    ends: 'SIGBUS',
    kind: 'fault',
    type: null,
    top: 'fault',
  },
  { args: ['../run/faults.cjs', 'SIGKILL'], ends: 'SIGKILL', kind: null },
];

describe('an armed worker', () => {
  for (const [way, { major, path: node }] of matrix(tested(WAYS), nodeBinaries()))
    test(`Node ${major}: ${way.args.join(' ')}: ${way.kind ?? 'no crash'}`, () => assertWay(node, way));
});

async function assertWay(node: string, way: Way): Promise<void> {
  await using directory = await temporaryDirectory('kinds');
  const stateDir = directory.path;
  const command = [node, ...way.args];
  await using program = startCrashmon(
    ['run', '--name', 'app', '--instance', 'one', '--arm-after', '0', '--restart', 'never', '--', ...command],
    { stateDir, cwd: path.join(CHECKOUT, 'test', 'fixtures', 'node'), input: 'open' },
  );
  if (way.args.at(-1) === 'input') {
    await program.waitForLine('stderr', /debugger attached/);
    program.stdin.write('\n');
  }
  const run = await program.exited;
  assert.equal(run.signal ?? run.code, way.ends, run.stderr);

  const [exit] = storedExits(stateDir);
  assert.ok(exit !== undefined);
  const { status, verdict } = exit;
  assert.equal(verdict.counted, way.kind !== null);
  assert.equal(status.type === 'signal' ? status.signal : status.type === 'code' && status.code, way.ends);
  if (way.kind === null) return;

  const report = await untilReported(stateDir);
  assert.equal(report.id, exit.id);
  assert.equal(report.kind, way.kind);
  if (way.type !== undefined) assert.equal(report.exceptionType, way.type);
  if (way.top === undefined) return;
  const top = report.frames.find((frame) => frame.inApp);
  assert.ok(top?.file, JSON.stringify(report));
  assert.ok((top.line ?? 0) > 0);
  if (way.top !== '(throw site)') assert.equal(top.function, way.top);
  if (way.repeats)
    assert.ok(
      report.frames.some(({ repeat }) => repeat > 5),
      'the recursion is folded',
    );
}
