import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { readProcessStat } from '../../worker/process-info.ts';
import { DebuggerPool } from '../native/debugger-pool.ts';
import type { ExitSource } from './child-exit.ts';
import { FollowedChild } from './followed-child.ts';

for (const ends of [true, false]) {
  test(`a debugger that a stopped process refuses is ${ends ? 'not said if it ends' : 'said'}`, async (t) => {
    const worker = spawn('sleep', ['60'], { stdio: 'ignore' });
    t.after(() => worker.kill('SIGKILL'));
    await once(worker, 'spawn');
    const { pid = 0 } = worker;
    worker.kill('SIGSTOP');
    while (readProcessStat(pid)?.state !== 'T') await new Promise(setImmediate);

    const { promise: exited, resolve: exit } = Promise.withResolvers<{
      status: { type: 'code'; code: number };
      atMs: number;
      monotonicMs: number;
    }>();
    const exits: ExitSource = {
      watch: async (target) => ({ ...target, exited, onHeld: () => {}, leave: async () => {} }),
      reader: () => assert.fail('nothing is read'),
    };
    const said: string[] = [];
    const followed = new FollowedChild(
      { process: { role: 'worker', pid, name: 'shop' }, startTicks: 1, startedAtMs: 0, program: null },
      {
        ...{ exits, debuggers: new DebuggerPool(() => {}), dumpOf: () => null, wantsWhole: () => false },
        onRefused: (message) => said.push(message),
      },
    );
    await followed.watch();
    const end = followed.ended();
    assert.equal(await followed.arm('debugger'), false);
    if (ends) exit({ status: { type: 'code', code: 0 }, atMs: 1, monotonicMs: 0 });
    else while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    exit({ status: { type: 'code', code: 0 }, atMs: 1, monotonicMs: 0 });
    await end;
    assert.deepEqual(said, ends ? [] : ['it is stopped']);
  });
}
