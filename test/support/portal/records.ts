import type { RedactedReport } from '../../../src/model/redacted-report.ts';
import type {
  BackRecord,
  CaptureRecord,
  CrashRecord,
  HeartbeatRecord,
  SentRecord,
  StateRecord,
  TelemetryRecord,
} from '../../../src/model/telemetry.ts';

const SETTINGS = { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 };

export const sent = (record: TelemetryRecord, source: Partial<SentRecord['source']> = {}): SentRecord => ({
  source: { app: 'shop', version: '1.0.0', instance: 'web-1', ...source },
  record,
});

export const crashRecord = (uid: string, atMs: number, changes: Partial<CrashRecord> = {}): CrashRecord => ({
  type: 'crash',
  uid,
  atMs,
  crashId: uid.slice(0, 12),
  kind: 'exception',
  suspected: false,
  status: { type: 'code', code: 1 },
  reason: { code: 'uncaught-exception' },
  armed: false,
  captured: false,
  uptimeMs: 5_000,
  crashesInWindow: 1,
  settings: SETTINGS,
  state: 'watching',
  backAfterMs: null,
  signatures: ['v1:none-exception'],
  title: 'exception without a stack',
  ...changes,
});

export const captureRecord = (
  crashUid: string,
  atMs: number,
  changes: Partial<CaptureRecord> = {},
): CaptureRecord => ({
  type: 'capture',
  uid: `${crashUid}-capture`,
  atMs,
  crashUid,
  report: redactedReport(crashUid),
  signatures: ['v1:total'],
  title: 'TypeError in total',
  ...changes,
});

export const backRecord = (crashUid: string, atMs: number, backAfterMs = 120): BackRecord => ({
  type: 'back',
  uid: `${crashUid}-back`,
  atMs,
  crashUid,
  backAfterMs,
});

export const stateRecord = (uid: string, atMs: number, changes: Partial<StateRecord> = {}): StateRecord => ({
  type: 'state',
  uid,
  atMs,
  state: 'armed',
  cooldownUntilMs: null,
  settings: SETTINGS,
  ...changes,
});

export const heartbeatRecord = (
  uid: string,
  atMs: number,
  changes: Partial<HeartbeatRecord> = {},
): HeartbeatRecord => ({
  type: 'heartbeat',
  uid,
  atMs,
  state: 'watching',
  cooldownUntilMs: null,
  settings: SETTINGS,
  crashesInWindow: 0,
  restarts: 0,
  workerStartedAtMs: atMs,
  crashmonVersion: '0.1.0',
  everyMs: 60_000,
  ...changes,
});

/** As privacy makes them; `place` names the function that failed. */
export function redactedReport(id: string, place = 'total'): RedactedReport {
  const report = {
    schemaVersion: 3,
    id,
    app: 'shop',
    instance: 'web-1',
    diedAt: '2026-11-25T00:00:00.000Z',
    kind: 'exception',
    exceptionType: 'TypeError',
    code: null,
    signal: null,
    frames: [
      {
        function: place,
        file: 'src/basket.js',
        line: 12,
        column: 3,
        module: null,
        inApp: true,
        repeat: 1,
        trust: 'call-site',
      },
    ],
    causes: [],
    members: [],
    heap: null,
    fault: null,
    otherThreads: [],
    runtime: { name: 'node', version: '24.0.0' },
    source: 'capture',
    problems: [],
    hold: { ms: 0.4 },
  };
  return report as unknown as RedactedReport;
}
