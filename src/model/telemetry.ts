import type { CrashKind, ExitStatus } from './exit.ts';
import type { NoCapture } from './no-capture.ts';
import type { MonitorState, PolicySettings } from './policy.ts';
import type { RedactedReport } from './redacted-report.ts';

/** Who sends: the OpenTelemetry resource around every record. Names that the operator chose. */
export type TelemetrySource = {
  /** `service.name` */
  app: string;
  /** `service.version`; null where none is known. */
  version: string | null;
  /** `service.instance.id` */
  instance: string;
};

/** What each record has. */
type RecordBase = {
  /** `log.record.uid`: the same record has the same uid and time however often it is sent. */
  uid: string;
  /** When it happened, Unix time in milliseconds. */
  atMs: number;
};

/** An exit that counts. Sent at once; of one that was captured a `capture` follows. */
export type CrashRecord = RecordBase & {
  type: 'crash';
  /** As `crashmon crashes` shows it on the instance. */
  crashId: string;
  kind: CrashKind;
  suspected: boolean;
  status: ExitStatus;
  /** One sentence; no text of the worker's. */
  reason: string;
  armed: boolean;
  /** A report is to follow, if its analysis succeeds. */
  captured: boolean;
  uptimeMs: number;
  crashesInWindow: number;
  settings: PolicySettings;
  /** Of the policy, for the next worker. */
  state: MonitorState;
  /** While watching: why a crash like the last one cannot be captured; absent where it can. */
  noCapture?: NoCapture;
  /** From the death to the start of the next worker; null where it was not started yet when this was sent. */
  backAfterMs: number | null;
  /** The newest version first; an older one keeps running groups together. */
  signatures: string[];
  /** What people call the group. */
  title: string;
};

/** The report of a crash that was captured. */
export type CaptureRecord = RecordBase & {
  type: 'capture';
  /** uid of its `crash`. */
  crashUid: string;
  report: RedactedReport;
  signatures: string[];
  title: string;
};

/** The worker is back, where that was not known yet when its crash was sent. */
export type BackRecord = RecordBase & { type: 'back'; crashUid: string; backAfterMs: number };

export type StateRecord = RecordBase & {
  type: 'state';
  state: MonitorState;
  noCapture?: NoCapture;
  /** crashmon ended, and its worker with it. */
  stopped?: boolean;
  /** null unless cooling down. */
  cooldownUntilMs: number | null;
  settings: PolicySettings;
};

export type HeartbeatRecord = RecordBase & {
  type: 'heartbeat';
  state: MonitorState;
  noCapture?: NoCapture;
  /** The last one: crashmon ends. */
  stopped?: boolean;
  cooldownUntilMs: number | null;
  settings: PolicySettings;
  crashesInWindow: number;
  restarts: number;
  /** When the worker that runs was started; null while there is none. */
  workerStartedAtMs: number | null;
  crashmonVersion: string;
  /** The next heartbeat is due after so long; an instance that is much later is silent. */
  everyMs: number;
};

/** So many records were given up by the sender because there was no room to keep them. */
export type LossRecord = RecordBase & { type: 'loss'; count: number };

/**
 * Everything that may leave the instance. The agent makes them through `privacy/` alone; the portal makes them of what
 * it is sent, which may be hostile, and has nothing else to store.
 */
export type TelemetryRecord =
  | CrashRecord
  | CaptureRecord
  | BackRecord
  | StateRecord
  | HeartbeatRecord
  | LossRecord;

export type SentRecord = { source: TelemetrySource; record: TelemetryRecord };
