import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { obstacleNow } from './whole-estimate.ts';

test('a process that has ended while its memory is estimated is no obstacle', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  assert.equal(obstacleNow(child.pid ?? 0), null);
});
