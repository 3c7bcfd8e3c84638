import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { obstacle } from '../../src/debugger/obstacle.ts';
import { findOrphan } from '../../src/worker/find-orphan.ts';
import { findMainProcess } from '../../src/worker/main-process.ts';
import { listChildren, readProcessStat } from '../../src/worker/process-info.ts';
import { RunMembers } from '../../src/worker/run-members.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';

test('a process whose first thread has ended runs on: an orphan, a member of its run, the main process', async () => {
  await using compiler = await nativeCompiler();
  const program = await compiler.compile('outlives-first-thread.c');
  const runId = `first-thread-${process.pid}`;
  await using shell = startProgram('sh', ['-c', `CRASHMON_RUN=${runId} "$0"; :`, program]);
  const find = () => listChildren(shell.pid).find((child) => readProcessStat(child)?.state === 'Z');
  while (find() === undefined) await delay(5);
  const pid = find() ?? 0;
  const { startTicks = 0 } = readProcessStat(shell.pid) ?? {};

  assert.equal(findMainProcess(shell.pid), pid);
  assert.equal(findOrphan(runId)?.pid, pid);
  using members = new RunMembers(runId, { pid: shell.pid, startTicks }, true);
  assert.deepEqual(
    members.find().map((member) => member.pid),
    [pid],
  );
  assert.equal(obstacle(pid, undefined)?.failed, 'first-thread');
});
