import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAfterExits } from './collect-after-exits.ts';

test('garbage is collected once after some exits, and again after those that came meanwhile, if the heap has grown', async () => {
  // The timers of an agent do not keep its process.
  const keepRunning = setInterval(() => {}, 2 ** 30);
  let checked = Promise.withResolvers<void>();
  let usedBytes = 0;
  let times = 0;
  let releases = 0;
  let isExit = false;
  const exited = collectAfterExits({
    collect: () => void times++,
    release: () => void releases++,
    used() {
      if (!isExit) checked.resolve();
      return usedBytes;
    },
    afterMs: 1,
  });
  const exit = (leavesBytes: number) => {
    isExit = true;
    exited();
    isExit = false;
    usedBytes += leavesBytes;
  };
  const next = async () => {
    await checked.promise;
    checked = Promise.withResolvers();
    return times;
  };
  exit(100_000);
  assert.equal(await next(), 0);
  exit(2_000_000);
  assert.equal(await next(), 1);
  exit(0);
  exit(2_000_000);
  assert.equal(await next(), 2);
  assert.equal(await next(), 3);
  assert.equal(releases, 4);
  clearInterval(keepRunning);
});
