import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ExitSource } from '../../../src/agent/children/child-exit.ts';
import { FollowedChild } from '../../../src/agent/children/followed-child.ts';
import { DebuggerPool } from '../../../src/agent/native/debugger-pool.ts';
import { type WatchFailure, watchFailure } from '../../../src/exit-watch/watch-failure.ts';
import type { WatchedExit } from '../../../src/exit-watch/watched-exit.ts';

test('a process that ends between two tracers has ended unseen, and one that runs on is not watched', async (t) => {
  for (const failed of ['gone', 'already-traced'] as const) {
    const worker = spawn('sleep', ['60'], { stdio: 'ignore' });
    t.after(() => worker.kill('SIGKILL'));
    await once(worker, 'spawn');
    const { promise: exited, resolve: leave } = Promise.withResolvers<null>();
    const watched: WatchedExit | WatchFailure = {
      ...{ pid: worker.pid ?? 0, startTicks: 1, exited, onHeld: () => {} },
      async leave() {
        worker.kill('SIGKILL');
        await once(worker, 'exit');
        leave(null);
      },
    };
    const answers = [watched, watchFailure(failed, 'as the helper says')];
    const exits: ExitSource = {
      watch: async () => answers.shift() ?? assert.fail('watched a third time'),
      reader: () => assert.fail('nothing is read'),
    };
    const debuggers = new DebuggerPool(() => {});
    const { pid = 0 } = worker;
    const followed = new FollowedChild(
      { process: { role: 'worker', pid, name: 'shop' }, startTicks: 1, startedAtMs: 0, program: null },
      { exits, debuggers, dumpOf: () => null, wantsWhole: () => false, onRefused: () => {} },
    );
    await followed.watch();
    const end = followed.ended();
    assert.equal(await followed.arm('debugger'), false);
    assert.deepEqual(await end, watchFailure(failed, 'as the helper says'));
    await debuggers.end();
  }
});
