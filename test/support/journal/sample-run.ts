import type { ExitStatus, ExitVerdict } from '../../../src/model/exit.ts';
import type { Instant } from '../../../src/model/instant.ts';
import type { PolicyState } from '../../../src/model/policy.ts';
import type { RedactedReport } from '../../../src/model/redacted-report.ts';
import type { EndedRun, Run } from '../../../src/model/run.ts';

export const NOON_MS = Date.UTC(2026, 0, 31, 12);

/** A moment `ms` after noon of the sample day. */
export function at(ms: number): Instant {
  return { wallMs: NOON_MS + ms, monotonicMs: 1_000_000_000 + ms, bootId: 'boot' };
}

export function sampleRun(number: number, more: Partial<Run> = {}): Run {
  return {
    id: number.toString(16).padStart(12, '0'),
    startedAt: at(number * 60_000),
    pid: null,
    pidStartTicks: null,
    armed: false,
    commandHash: 'hash',
    ...more,
  };
}

export function sampleExit(number: number, more: Partial<EndedRun> = {}): EndedRun {
  const status: ExitStatus = { type: 'code', code: 1 };
  const verdict: ExitVerdict = {
    counted: true,
    suspected: false,
    kind: 'exception',
    reason: { code: 'uncaught-exception' },
  };
  return {
    ...sampleRun(number),
    diedAt: at(number * 60_000 + 41_000),
    status,
    verdict,
    crashesInWindow: number,
    captured: false,
    process: { role: 'main' },
    replacedAfterMs: null,
    impact: null,
    ...more,
  };
}

export function stateWith(crashes: number): PolicyState {
  return {
    crashes: Array.from({ length: crashes }, (_, index) => at(index)),
    lastCapture: null,
    manual: null,
    noCapture: null,
  };
}

/** Stands for what `privacy/` makes; the journal only stores it. */
export function sampleReport(id: string, more: object = {}): RedactedReport {
  const report = {
    schemaVersion: 3,
    id,
    app: 'shop',
    instance: 'web-1',
    diedAt: new Date(NOON_MS).toISOString(),
    kind: 'exception',
    exceptionType: 'TypeError',
    code: null,
    signal: null,
    frames: [],
    causes: [],
    members: [],
    heap: null,
    fault: null,
    otherThreads: [],
    runtime: { name: 'node', version: '24.21.0' },
    source: 'capture',
    problems: [],
    hold: { ms: 0 },
    ...more,
  };
  return report as unknown as RedactedReport;
}
