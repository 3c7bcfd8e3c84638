import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeFramesOf } from '../formats/system-core/core-frames.ts';
import type { CrashReport } from '../model/crash-report.ts';
import { problem } from '../model/problem.ts';
import { redact } from '../privacy/redact.ts';
import { type SystemCoreInput, systemCoreReport } from './system-core-report.ts';

const EXECUTABLE = '/srv/shop/bin/shop';
const frame = (symbol: string | null, module: string | null) => ({
  ...{ address: 0x5600_0000_1169n, symbol, module, moduleOffset: module === null ? null : 0x1169n },
  buildId: null,
});
const INPUT: SystemCoreInput = {
  ...{ id: 'a1b2', app: 'shop', instance: 'one', diedAtMs: 0, appRoot: '/srv/shop', workspaceRoot: null },
  ...{ kind: 'abort', signal: 'SIGABRT', runtime: { name: 'native', version: null } },
  ...{ executable: EXECUTABLE, cut: false, isTimedOut: false, printed: null },
  frames: nativeFramesOf(
    [frame('raise', 'libc.so.6'), frame('app::pay', 'shop'), frame(null, null)],
    EXECUTABLE,
  ),
};

test('what a program printed without a stack names the exception, and the core dump has the calls', () => {
  const exception = { type: 'std::runtime_error', code: null, message: 'secret', messageLength: 6 };
  const printed = {
    exception: { ...exception, frames: [], members: [], membersTotal: 0 },
    ...{ causes: [], problems: [problem('printed-no-calls'), problem('printed-unread')], runtime: null },
  } as unknown as CrashReport;
  const report = redact(systemCoreReport({ ...INPUT, printed }));
  assert.deepEqual(
    [report.source, report.exceptionType, report.signal],
    ['system-core', 'std::runtime_error', 'SIGABRT'],
  );
  assert.deepEqual(report.problems, [problem('printed-unread')]);
  assert.equal('proof' in report, false);
});

test('paths of the machine and addresses stay', () => {
  const { frames } = redact(systemCoreReport(INPUT));
  assert.deepEqual(
    frames.map(({ function: name, module, inApp, native }) => [
      name,
      module,
      inApp,
      native?.image,
      native?.offset,
    ]),
    [
      ['raise', 'libc.so.6', false, 'libc.so.6', '0x1169'],
      ['app::pay', null, true, 'bin/shop', '0x1168'],
      [null, 'unknown', false, null, null],
    ],
  );
});

test('what is missing is said', () => {
  const { problems } = systemCoreReport({ ...INPUT, cut: true, isTimedOut: true });
  assert.deepEqual(problems, [problem('unwind-cut', 1), problem('unwind-timed-out')]);
});
