import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTool } from './run-tool.ts';

const limits = { timeoutMs: 60_000, memoryBytes: 1024 ** 3, outputBytes: 100_000, signal: undefined };

test('what a tool says, in a clean environment', async () => {
  const { stdout, outcome } = await runTool('sh', ['-c', 'env; pwd'], limits);
  assert.equal(outcome, 'done');
  assert.match(stdout, /^LC_ALL=C$/m);
  assert.doesNotMatch(stdout, /NODE|DEBUGINFOD|USER/);
});

test('limits of time, output and memory; a missing tool; an abort', async () => {
  assert.equal((await runTool('no-such-tool-of-crashmon', [], limits)).outcome, 'missing');
  assert.equal((await runTool('sleep', ['60'], { ...limits, timeoutMs: 100 })).outcome, 'timed-out');
  const endless = await runTool('yes', [], limits);
  assert.equal(endless.outcome, 'stopped');
  assert.ok(endless.stdout.length <= 100_000);
  const aborted = AbortSignal.timeout(50);
  assert.equal((await runTool('sleep', ['60'], { ...limits, signal: aborted })).outcome, 'stopped');
  const greedy = ['-c', 'dd if=/dev/zero of=/dev/null bs=2G count=1 2>&1; echo $?'];
  assert.match((await runTool('sh', greedy, limits)).stdout, /exhausted[\s\S]*1$/m);
});
