import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { talk } from '../support/parent-channel.ts';
import { stateDirectory } from '../support/state-directory.ts';

const ENTRY = path.join(CHECKOUT, 'crashmon');

describe('a parent that forks crashmon talks to the worker', { concurrency: 2 }, () => {
  const armed = ['--arm-after', '0', '--cooldown', '0'];
  for (const [serialization, leaves, options] of [
    ['json', 'parent', []],
    ['json', 'worker', armed],
    ['advanced', 'parent', armed],
    ['advanced', 'worker', []],
  ] as const) {
    test(`${serialization}, the ${leaves} disconnects${options === armed ? ', armed' : ''}`, async () => {
      await using directory = await stateDirectory();
      const { NODE_OPTIONS: _, NODE_CHANNEL_FD: __, ...outer } = process.env;
      const env = { ...outer, CRASHMON_STATE_DIR: directory.path };
      const bare = await talk({ env, serialization, leaves });
      assert.deepEqual(bare.slice(-4), ['disconnected', 0, null, 'disconnected\n']);
      const settings = {
        entry: ENTRY,
        options: [...options, '--restart', 'never'],
        env,
        serialization,
        leaves,
      };
      assert.deepEqual(await talk(settings), bare);
      const restarts = { ...settings, options: [...options, '--restart', 'on-crash'] };
      const ended = await talk({ ...restarts, crashes: 2 });
      assert.deepEqual(ended, bare);
      await assertNothingLeft(directory.path);
    });
  }
});

test('a worker whose first thread has ended, as that of an ending process, has not disconnected', async () => {
  await using compiler = await nativeCompiler();
  await using directory = await stateDirectory();
  const { NODE_OPTIONS: _, NODE_CHANNEL_FD: __, ...outer } = process.env;
  const program = await compiler.compile('outlives-first-thread.c');
  const child = fork('run', ['--name', 'app', '--no-debugger', '--json', '--', program], {
    ...{ execPath: ENTRY, execArgv: [], silent: true },
    env: { ...outer, CRASHMON_STATE_DIR: directory.path },
  });
  const exited = once(child, 'exit');
  try {
    for await (const chunk of child.stderr ?? []) if (`${chunk}`.includes('"event":"started"')) break;
    // Crashmon looks every 250 ms.
    await delay(1_500);
    // The number that Node gives a child's channel.
    assert.match(readlinkSync(`/proc/${child.pid}/fd/3`), /^socket:/);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
  await assertNothingLeft(directory.path);
});
