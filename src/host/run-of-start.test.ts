import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../agent/clock.ts';
import { readProcessStat } from '../worker/process-info.ts';
import { startInstant } from './run-of-start.ts';
import { startedAtMs } from './started-at.ts';

test('when a process started follows from the kernel, not from a clock that was set since it was reported', () => {
  const { startTicks = null } = readProcessStat(process.pid) ?? {};
  assert.ok(startTicks !== null);
  const now = systemClock()();
  const reportedMs = startedAtMs(startTicks);
  const [asReported, setSince] = [reportedMs, reportedMs - 30_000].map((startedMs) =>
    startInstant({ startTicks, startedAtMs: startedMs }, now),
  );
  assert.ok(asReported !== undefined && setSince !== undefined);
  const SCATTER_MS = 1_000;
  assert.ok(Math.abs(asReported.wallMs - reportedMs) < SCATTER_MS);
  assert.ok(Math.abs(setSince.monotonicMs - asReported.monotonicMs) < SCATTER_MS);
  const unknown = startInstant({ startTicks: null, startedAtMs: now.wallMs - 5_000 }, now);
  assert.equal(unknown.monotonicMs, now.monotonicMs - 5_000);
});
