import type { EndedChild } from './ended-process.ts';
import type { CrashKind, ExitStatus } from './exit.ts';
import type { ExitReason } from './exit-reason.ts';
import type { Impact } from './impact.ts';
import type { NoCapture } from './no-capture.ts';
import type { MonitorState, PolicySettings } from './policy.ts';
import type { PublicDump, PublicSession } from './public-session.ts';
import type { RedactedReport } from './redacted-report.ts';
import type { RequestAnswer } from './remote-request.ts';
import type { PublicWorkload } from './workload.ts';

/** The sender: the OpenTelemetry resource of every record. The operator chooses the names. */
export type TelemetrySource = {
  /** `service.name` */
  app: string;
  /** `service.version`; null if unknown. */
  version: string | null;
  /** `service.instance.id` */
  instance: string;
  /** Absent if nothing of it is known. */
  workload?: PublicWorkload;
};

/** Common to all records. */
type RecordBase = {
  /** `log.record.uid`: a resent record keeps its uid and time. */
  uid: string;
  /** When it happened, Unix time in milliseconds. */
  atMs: number;
};

/** A counted exit. Sent at once; if it was captured, or last words were read, a `capture` follows. */
export type CrashRecord = RecordBase & {
  type: 'crash';
  /** As `crashmon crashes` shows it on the instance. */
  crashId: string;
  /** Absent for the main process. */
  process?: EndedChild;
  /** Absent if unknown, or not known yet. */
  impact?: Impact;
  kind: CrashKind;
  suspected: boolean;
  status: ExitStatus;
  reason: ExitReason;
  armed: boolean;
  /** A report follows if the analysis succeeds. */
  captured: boolean;
  uptimeMs: number;
  crashesInWindow: number;
  settings: PolicySettings;
  /** Policy state for the next worker. */
  state: MonitorState;
  /** While watching: why a crash like the last one cannot be captured; absent if it can. */
  noCapture?: NoCapture;
  /** From the exit to the start of the next worker, by crashmon or by its master; null if it had not started yet. */
  backAfterMs: number | null;
  /** Newest version first; the older one keeps open groups together. */
  signatures: string[];
  /** Display name of the group. */
  title: string;
};

/** The report of a crash: of a capture, or of its last words. */
export type CaptureRecord = RecordBase & {
  type: 'capture';
  /** uid of its `crash`. */
  crashUid: string;
  report: RedactedReport;
  /** What the last words made of the verdict; absent if it is still that of the crash. */
  revised?: RevisedVerdict;
  signatures: string[];
  title: string;
};

export type RevisedVerdict = Pick<CrashRecord, 'kind' | 'suspected' | 'reason'>;

/** The worker restarted after its crash was sent. */
export type BackRecord = RecordBase & {
  type: 'back';
  crashUid: string;
  backAfterMs: number;
  /** In a second record of the same crash, once it is known. */
  impact?: Impact;
};

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
  /** The last heartbeat: crashmon exits. */
  stopped?: boolean;
  cooldownUntilMs: number | null;
  settings: PolicySettings;
  crashesInWindow: number;
  restarts: number;
  /** Start time of the current worker; null without one. */
  workerStartedAtMs: number | null;
  crashmonVersion: string;
  /** Time until the next heartbeat; an instance that is much later counts as silent. */
  everyMs: number;
  /** The newest session; absent if there was none. */
  session?: PublicSession;
  /** All dumps that are kept, newest first, at most `MOST_DUMPS`; absent if none ever was, or that is unknown. */
  dumps?: PublicDump[];
  /** To the newest requests of the portal. */
  answers?: RequestAnswer[];
};

/** Number of records that the sender dropped for lack of space. */
export type LossRecord = RecordBase & { type: 'loss'; count: number };

/**
 * Everything that may leave the instance. The agent makes records only through `privacy/`. The portal makes them from
 * untrusted requests, and stores nothing else.
 */
export type TelemetryRecord =
  | CrashRecord
  | CaptureRecord
  | BackRecord
  | StateRecord
  | HeartbeatRecord
  | LossRecord;

export type SentRecord = { source: TelemetrySource; record: TelemetryRecord };
