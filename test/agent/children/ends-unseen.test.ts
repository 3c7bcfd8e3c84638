import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { ChildEnd } from '../../../src/agent/children/child-exit.ts';
import { ChildWatch } from '../../../src/agent/children/child-watch.ts';
import { type WatchFailure, watchFailure } from '../../../src/exit-watch/watch-failure.ts';
import type { WatchedExit } from '../../../src/exit-watch/watched-exit.ts';
import { hasEnded } from '../../../src/formats/procfs/process-stat.ts';
import { readChildren, readProcessStat } from '../../../src/worker/process-info.ts';

test('a worker that is gone for the exit watch, and can still be seen, has ended unseen', {
  timeout: 30_000,
}, async (t) => {
  const { pid, ended } = await watchSleep(t, (worker) => {
    setTimeout(() => process.kill(worker, 'SIGKILL'), 20);
    return watchFailure('gone', 'as the helper says');
  });
  const end = await ended;
  assert.deepEqual(end?.status, { type: 'unknown' });
  const stat = readProcessStat(pid);
  assert.ok(stat === null || hasEnded(stat));
});

test('one that stays alive is watched again', { timeout: 30_000 }, async (t) => {
  const { promise: again, resolve: watched } = Promise.withResolvers<void>();
  const { promise: exited } = Promise.withResolvers<null>();
  let times = 0;
  const { pid, ended } = await watchSleep(t, (worker, startTicks) => {
    if (++times === 1) return watchFailure('gone', 'as the helper says');
    watched();
    return { pid: worker, startTicks, exited, onHeld: () => {}, leave: async () => {} };
  });
  await Promise.race([again, ended.then(() => assert.fail('it has not ended'))]);
  assert.notEqual(readProcessStat(pid), null);
});

/** @param watch what the exit watch answers for a `sleep` below a shell */
async function watchSleep(
  t: TestContext,
  watch: (pid: number, startTicks: number) => WatchedExit | WatchFailure,
): Promise<{ pid: number; ended: Promise<ChildEnd> }> {
  const shell = spawn('sh', ['-c', 'echo; sleep 60 & wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(shell.stdout, 'data');
  const { promise: ended, resolve } = Promise.withResolvers<ChildEnd>();
  const { promise: found, resolve: isFound } = Promise.withResolvers<number>();
  const children = new ChildWatch(
    {
      ...{ names: ['sleep'], ignored: [], debuggers: null, lookEveryMs: 50 },
      exits: {
        watch: async ({ pid, startTicks }) => {
          isFound(pid);
          return watch(pid, startTicks);
        },
        reader: () => assert.fail('nothing is read'),
      },
      dumpOf: () => null,
      wantsWhole: () => false,
    },
    {
      ...{ started: () => {}, wantsCapture: () => null, armed: () => {}, notDebugged: () => {} },
      ended: (_child, end) => resolve(end),
      refused: (_process, message) => assert.fail(message),
    },
  );
  const { pid = 0 } = shell;
  children.begin({ pid, startTicks: readProcessStat(pid)?.startTicks ?? 0 });
  t.after(() => {
    children.end();
    for (const child of readChildren(pid).split(' ').filter(Boolean)) process.kill(Number(child), 'SIGKILL');
    shell.kill('SIGKILL');
  });
  return { pid: await found, ended };
}
