import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeClaims } from './probe-claims.ts';

const record = (pid: number, atMs: number) =>
  JSON.stringify({
    ...{ v: 1, type: 'candidate', pid, event: 'exit', atMs, uptimeS: 1, thrown: null, callerFrames: [] },
    ...{ exitCode: 1, appHandles: false, tookMs: null, stderrOffset: 7 },
  });

test('a process has the records that name it, once it said that it has the probe', () => {
  const claims = new ProbeClaims();
  claims.add({ type: 'record', pid: 1, text: record(1, 5) });
  assert.equal(claims.take(1), null);
  claims.add({ type: 'claim', pid: 1 });
  assert.ok(claims.has(1));
  claims.add({ type: 'record', pid: 1, text: record(2, 5) });
  claims.add({ type: 'record', pid: 1, text: '{"v":1}' });
  claims.add({ type: 'record', pid: 1, text: record(1, 6) });
  assert.deepEqual(
    claims.take(1)?.map(({ atMs, stderrOffset }) => [atMs, stderrOffset]),
    [[6, null]],
  );
  assert.equal(claims.take(1), null);
});

test('the newest records of the newest processes are kept', () => {
  const claims = new ProbeClaims();
  for (let pid = 1; pid <= 20; pid++) claims.add({ type: 'claim', pid });
  for (let atMs = 1; atMs <= 30; atMs++) claims.add({ type: 'record', pid: 20, text: record(20, atMs) });
  assert.equal(claims.has(12), false);
  assert.deepEqual(
    [claims.has(13), claims.take(20)?.map(({ atMs }) => atMs)],
    [true, [21, 22, 23, 24, 25, 26, 27, 28, 29, 30]],
  );
});
