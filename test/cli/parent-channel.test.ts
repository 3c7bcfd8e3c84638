import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
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
