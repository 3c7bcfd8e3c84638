import type { DatabaseSync } from 'node:sqlite';
import type { CaptureMeans } from '../model/capture-means.ts';
import type { Instant } from '../model/instant.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { ManualOverride, MonitorState, PolicySettings } from '../model/policy.ts';
import type { RequestAnswer } from '../model/remote-request.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Session, SessionEnd, SessionProgress } from '../model/session.ts';
import type { CrashTimes } from './crash-times.ts';

/** Whose journal it is; directory names cannot always be decoded. */
export type JournalIdentity = { app: string; instance: string };

export type JournalSettings = PolicySettings & {
  commandHash: string;
  appRoot: string;
  /** Did the operator give the name (`--name`)? Absent in journals from before this was stored. */
  named?: boolean;
  /** The app's directory by the path that the shell had for it, where a link in it leads to `appRoot`. */
  place?: string;
  /** The service that `crashmon agent` watches; absent where crashmon is the supervisor. */
  service?: WatchedService;
  /** Why nothing is armed although the worker is supervised (one sentence), null if arming is on. */
  disabled: string | null;
};

/** A service of another supervisor, as `host/source.ts` has it. */
export type WatchedService = { id: string; source: string; attributes: Readonly<Record<string, string>> };

/** Runs that ended unseen, of which only the number is known: at least so many. */
export type MissedRuns = {
  count: number;
  lastAtMs: number;
  /** Of the newest numbers that were added: each is added once. */
  ids?: readonly string[];
};

/** The agent's state, for `crashmon status`. */
export type AgentRecord = {
  pid: number;
  /** Start time in clock ticks since boot: detects a reused pid. */
  startTicks: number | null;
  startedAtMs: number;
  /** Starts of the worker after the first one. */
  restarts: number;
  state: MonitorState;
  /** Time of the next start; absent unless crashmon waits for it. */
  restartAtMs?: number;
  /** Of a service of another supervisor: what a capture of the next crash needs. Absent from before this was stored. */
  means?: CaptureMeans;
  /** Is the worker watched for fatal signals? Absent before the first armed worker. */
  debugger?: DebuggerState;
  /** In a session of `crashmon run`: the exception that ends the worker is read from outside. */
  isExitWatched?: true;
  /** What the working process runs; absent where it was not seen. */
  program?: ProgramState;
  /** What was added to the environment of the worker; absent if nothing, or that is unknown. */
  startedWith?: StartedWith;
};

export type StartedWith = {
  runtime: Runtime;
  /** `probe`: exceptions are captured. `words`: the runtime prints more when it fails. */
  gives: 'probe' | 'words';
  /** Names of variables. */
  variables: string[];
};

export type ProgramState = {
  runtime: Runtime;
  /** Children that run the same program and are not watched, when they were last counted. */
  forks: number;
  /**
   * Those whose crashes are seen. What ends so many of them will be captured (`armed`), by `means`; both are absent in old records.
   */
  children?: { name: string; count: number; armed?: number; means?: CaptureMeans };
};

export type DebuggerState = {
  state: 'off' | 'waiting' | 'attached' | 'not-attached';
  /** Why not, one sentence without any text of the worker's; null if attached or waiting. */
  reason: string | null;
};

/** Set by `crashmon arm` and `disarm`, another process: separate from what the agent writes. */
export type StoredOverride = { override: ManualOverride; setAtMs: number };

/** Where the agent sends records; absent where it sends none. Holds no secret. */
export type UplinkDocument = {
  kind: 'portal' | 'otlp';
  /** Address without user, password or query. */
  endpoint: string;
  /** Of the app, for records of other processes than the agent. */
  appVersion: string | null;
  /** Admins of the portal may start sessions, or only arm; absent: neither. */
  remoteControl?: 'sessions' | 'arm';
};

/** State of the uplink, for `crashmon status`. */
export type UplinkState = {
  lastSuccessMs: number | null;
  /** The newest failure, until something is delivered again. */
  failure: { atMs: number; message: string } | null;
  /** A problem although records arrive: some were rejected, or the clock differs. */
  warning?: string;
};

/** What became of a request of the portal. */
export type StoredAnswer = RequestAnswer & { atMs: number };

/** Recipients of notifications without a portal; absent if there are none. Holds no secret. */
export type NotifyDocument = {
  /** As shown: `ops@example.com`, `the webhook at hooks.example.com`. */
  receivers: string[];
  /** Of the app, for news from other processes than the agent. */
  appVersion: string | null;
};

/** What the notifier leaves for the agent. */
export type NotifyState = {
  /** When it next has something to do; null: when there is news. */
  wakeMs: number | null;
  /** What it did the last time, in sentences; a problem is reported once. */
  said: { problem: boolean; text: string }[];
};

/** The notifier that outlives a crashmon. */
export type NotifierDocument = {
  /** As in `agent/notify/owner`. */
  owner: string;
  sinceMs: number;
};

/** Since when there are receipts, and what was sent that is about no single crash. */
export type ReceiptTotals = {
  sinceMs: number;
  /** No crash was recorded before: all in the journal have receipts, also those of an earlier time. */
  isFromFirst?: boolean;
  /** Receipts of things sent until then were deleted; absent if none were. */
  deletedUntilMs?: number;
  /** Sent without a receipt, because the journal could not be written. */
  withoutReceipt: number;
  /** By what it was: `crashmon.heartbeat`. */
  others: Record<string, { count: number; bytes: number }>;
};

/** One small JSON document a concern, so that two writers never overwrite each other's. */
export type Documents = {
  identity: JournalIdentity;
  settings: JournalSettings;
  /** An older crashmon wrote `crashes`, and `noCapture` not yet. */
  policy: {
    crashTimes?: CrashTimes;
    crashes?: Instant[];
    lastCapture: Instant | null;
    noCapture?: NoCapture | null;
  };
  manual: StoredOverride;
  /** The newest one; written when a person or the portal asks for one, as is `dumpStores`. */
  session: Session;
  sessionProgress: SessionProgress;
  sessionEnd: SessionEnd;
  /** Every directory that a session has kept dumps in: they expire also after it. */
  dumpStores: string[];
  agent: AgentRecord;
  missed: MissedRuns;
  /** The same of workers below a master; they need not have crashed. */
  missedWorkers: MissedRuns;
  checkpoints: { count: number };
  uplink: UplinkDocument;
  uplinkState: UplinkState;
  /** To the portal's newest requests, newest first. */
  requestAnswers: StoredAnswer[];
  notify: NotifyDocument;
  notifyState: NotifyState;
  notifier: NotifierDocument;
  receipts: ReceiptTotals;
};

/** The document, or null if none was stored. Damaged JSON throws SyntaxError. */
export function readDocument<Name extends keyof Documents>(
  database: DatabaseSync,
  name: Name,
): Documents[Name] | null {
  const row = database.prepare('SELECT document FROM documents WHERE name = ?').get(name);
  return row === undefined ? null : JSON.parse(String(row.document));
}

export function writeDocument<Name extends keyof Documents>(
  database: DatabaseSync,
  name: Name,
  document: Documents[Name],
): void {
  database
    .prepare(
      'INSERT INTO documents VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document',
    )
    .run(name, JSON.stringify(document));
}

export function deleteDocument(database: DatabaseSync, name: keyof Documents): void {
  database.prepare('DELETE FROM documents WHERE name = ?').run(name);
}
