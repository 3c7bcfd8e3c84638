import type { CrashKind, ExitStatus } from '../../model/exit.ts';
import type { ExitReason } from '../../model/exit-reason.ts';
import type { NoCapture } from '../../model/no-capture.ts';
import type { MonitorState, PolicySettings } from '../../model/policy.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { SentRecord } from '../../model/telemetry.ts';
import type { NotificationStore } from './notifications/notification-store.ts';
import type { OutboxSignal } from './notifications/outbox-signal.ts';

/** From `fromMs` on, before `toMs`; Unix time in milliseconds. */
export type TimeRange = { fromMs: number; toMs: number };

/**
 * `folded`: `OTHER_INSTANCE`, those beyond the limit. `stopped`: crashmon said that it ends. `external`: crashes come of it, and no crashmon runs there. `silent`: no
 * heartbeat for three times its interval, or half an hour where it never said one.
 */
export type InstanceState = MonitorState | 'silent' | 'stopped' | 'external' | 'folded';

export type AppSummary = {
  app: string;
  instances: Record<InstanceState, number>;
  crashesLastDay: number;
  crashesDayBefore: number;
  /** When anything was first heard of it; null where nothing was. */
  firstSeenMs: number | null;
  /** Crashes a day, UTC, oldest first, today last; 15 of them. */
  days: number[];
  lastCrashAtMs: number | null;
  /** Signatures that are new or much more frequent in the last day than before, at most three. */
  worse: { signature: string; title: string; lastDay: number; dayBefore: number; isNew: boolean }[];
};

export type InstanceSummary = {
  instance: string;
  state: InstanceState;
  /** While it is watched: why a crash like the last one cannot be captured; null or absent where it can. */
  noCapture?: NoCapture | null | undefined;
  version: string | null;
  crashmonVersion: string | null;
  crashesLastDay: number;
  crashesTotal: number;
  crashesInWindow: number;
  settings: PolicySettings | null;
  cooldownUntilMs: number | null;
  workerStartedAtMs: number | null;
  firstSeenMs: number;
  lastSeenMs: number;
  lastCrashAtMs: number | null;
  lostRecords: number;
};

/** All instances of an app in numbers: as quick with ten thousand as with one. */
export type Fleet = {
  states: Record<InstanceState, number>;
  /** Names of silent ones, at most three. */
  silent: string[];
  /** Most frequent first, at most four; with how many instances have them and at most three of their names. */
  thresholds: { settings: PolicySettings; instances: number; names: string[] }[];
  /** The one that gets a stack soonest; its `crashesLastDay` is not counted (0). */
  nearest: InstanceSummary | null;
};

export type StateChange = { atMs: number; state: MonitorState | 'stopped'; cooldownUntilMs: number | null };

/** One crash in a list. */
export type CrashEvent = {
  uid: string;
  crashId: string;
  atMs: number;
  instance: string;
  version: string | null;
  kind: CrashKind;
  status: ExitStatus;
  /** Of the report where there is one. */
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  /** Id of the group (`/apps/<app>/signatures/<id>`). */
  signature: string;
  title: string;
  suspected: boolean;
  armed: boolean;
  /** A report is to follow, if its analysis succeeds. */
  captured: boolean;
  /** There is a report with what was found. */
  hasReport: boolean;
  /** There is a report, and it has a call stack: some crashes have none to be read. */
  hasStack: boolean;
  backAfterMs: number | null;
  crashesInWindow: number;
  settings: PolicySettings;
};

export type CrashDetail = CrashEvent & {
  reason: ExitReason;
  /** null where the sender does not say. */
  uptimeMs: number | null;
  report: RedactedReport | null;
};

export type SignatureStatus = 'open' | 'resolved' | 'returned';

export type SignatureSummary = {
  /** Short, stable id in URLs. */
  id: string;
  /** As agents computed it (`v1:…`), all versions that led here. */
  values: string[];
  title: string;
  kind: CrashKind;
  exceptionType: string | null;
  /** Does any crash of it have a stack? */
  hasStack: boolean;
  firstSeenMs: number;
  lastSeenMs: number;
  crashesTotal: number;
  /** In the range that was asked for. */
  crashes: number;
  instances: number;
  /** Crashes a day, UTC, oldest first, today last; 15 of them. */
  days: number[];
  status: SignatureStatus;
};

export type SignatureDetail = SignatureSummary & {
  note: string;
  resolvedAtMs: number | null;
  resolvedBy: string | null;
  versions: { version: string | null; crashes: number; firstSeenMs: number; lastSeenMs: number }[];
  topInstances: { instance: string; crashes: number; lastSeenMs: number }[];
  /** The newest crash of it that has a report. */
  newestReport: CrashDetail | null;
};

export type Timeline = {
  fromMs: number;
  bucketMs: number;
  /** Most frequent first, at most seven; each with one count a bucket. */
  series: { signature: string; title: string; counts: number[] }[];
  /** Crashes of all other signatures. */
  other: number[];
  deploys: { version: string; atMs: number }[];
};

/** How often crashes ended how, most frequent first: what the reference calls exception codes. */
export type CauseCount = {
  kind: CrashKind;
  exceptionType: string | null;
  signal: string | null;
  code: string | null;
  status: ExitStatus;
  crashes: number;
};

export type CrashFilter = {
  range: TimeRange;
  kind?: CrashKind | undefined;
  signature?: string | undefined;
  instance?: string | undefined;
  version?: string | undefined;
  /** Only those with (true) or without (false) a report. */
  hasReport?: boolean | undefined;
};

/** Newest first; `next` is to be given back as `after` for the rest, null at the end. */
export type Page<Item> = { items: Item[]; next: string | null };

export type Role = 'viewer' | 'admin';
/** `*` is every app, also those to come. */
export type Grant = { app: string; role: Role };
export type Account = {
  id: string;
  name: string;
  grants: Grant[];
  createdAtMs: number;
  lastSignInMs: number | null;
};
export type Session = {
  id: string;
  account: Account;
  createdAtMs: number;
  lastSeenMs: number;
  userAgent: string;
};
export type IngestToken = {
  id: string;
  app: string;
  label: string;
  createdAtMs: number;
  createdBy: string;
  lastUsedMs: number | null;
  revokedAtMs: number | null;
};
export type AuditEntry = { atMs: number; who: string; what: string; app: string | null; detail: string };

/** What became of one batch: everything in it is durable, or was there already. */
export type Stored = { crashes: number; duplicates: number };

/** Queries about one app and nothing else. All throw CrashmonError only. */
export type CrashStore = {
  /** Durable when it settles; records of several calls share transactions. Redelivery is harmless. */
  write(records: readonly SentRecord[]): Promise<Stored>;
  apps(allowed: readonly string[] | '*', nowMs: number): Promise<AppSummary[]>;
  instances(app: string, nowMs: number): Promise<InstanceSummary[]>;
  /** Crashes a day of each of some instances, UTC, oldest first, today last; 15 of them. */
  instanceDays(app: string, instances: readonly string[], nowMs: number): Promise<Map<string, number[]>>;
  fleet(app: string, nowMs: number): Promise<Fleet>;
  instance(app: string, instance: string, nowMs: number): Promise<InstanceSummary | null>;
  stateChanges(app: string, instance: string, limit: number): Promise<StateChange[]>;
  timeline(app: string, range: TimeRange, bucketMs: number, signature?: string): Promise<Timeline>;
  causes(app: string, range: TimeRange, limit: number): Promise<CauseCount[]>;
  signatures(app: string, range: TimeRange, limit: number, nowMs: number): Promise<SignatureSummary[]>;
  signature(app: string, id: string, nowMs: number): Promise<SignatureDetail | null>;
  crashes(app: string, filter: CrashFilter, limit: number, after?: string): Promise<Page<CrashEvent>>;
  crash(app: string, uid: string): Promise<CrashDetail | null>;
  setNote(app: string, signature: string, note: string): Promise<boolean>;
  /** null takes it back. */
  setResolved(
    app: string,
    signature: string,
    resolved: { atMs: number; by: string } | null,
  ): Promise<boolean>;
  /** Rises with every change of the app's data, whichever process wrote it. */
  changeCounters(apps: readonly string[] | '*'): Promise<Map<string, number>>;
};

export type AccessStore = {
  accounts(): Promise<Account[]>;
  account(id: string): Promise<Account | null>;
  /** Name is compared without case. null: no such account. */
  accountByName(name: string): Promise<(Account & { passwordHash: string }) | null>;
  /** @throws CrashmonError BAD_REQUEST where the name is taken */
  createAccount(account: NewAccount): Promise<Account>;
  /** Uses all links for a first account up with it. null, and no account, where there is one already. */
  createFirstAccount(account: Omit<NewAccount, 'grants'>): Promise<Account | null>;
  /** Takes the account's one-time links back. */
  setPassword(accountId: string, passwordHash: string): Promise<void>;
  /** Of the same password; does nothing where it was changed meanwhile. */
  replacePasswordHash(accountId: string, from: string, to: string): Promise<void>;
  /**
   * Replaces the account's role for the same app.
   * @throws CrashmonError NO_SUCH_ACCOUNT; NOT_ALLOWED where nobody would own the portal any more
   */
  addGrant(accountId: string, grant: Grant): Promise<void>;
  /** @returns was there one? @throws CrashmonError NOT_ALLOWED where nobody would own the portal any more */
  removeGrant(accountId: string, app: string): Promise<boolean>;
  /** With its sessions and links. @returns as `removeGrant` @throws as `removeGrant` */
  removeAccount(accountId: string): Promise<boolean>;
  noteSignIn(accountId: string, atMs: number): Promise<void>;
  /** `secretHash`: SHA-256 of the cookie's secret, hex. */
  createSession(session: {
    secretHash: string;
    accountId: string;
    atMs: number;
    expiresAtMs: number;
    userAgent: string;
  }): Promise<void>;
  /**
   * Notes that it was seen; `lastSeenMs` is from before. null, and not noted, where it has ended: also where it was not
   * seen for longer than `idleMs`.
   */
  sessionBySecret(secretHash: string, nowMs: number, idleMs: number): Promise<Session | null>;
  sessions(accountId: string, nowMs: number): Promise<Session[]>;
  endSession(id: string): Promise<void>;
  endSessionsOf(accountId: string, exceptId?: string): Promise<void>;
  /** Where the portal that started last is reached; null before the first start. */
  baseUrl(): Promise<string | null>;
  keepBaseUrl(url: string): Promise<void>;
  /** One-time links: the first account, a password of an account, and the demo's sign-in. */
  createOneTimeLink(link: {
    secretHash: string;
    purpose: LinkPurpose;
    accountId: string | null;
    expiresAtMs: number;
  }): Promise<void>;
  /** Whose it is, without using it up. */
  oneTimeLink(
    secretHash: string,
    purpose: LinkPurpose,
    nowMs: number,
  ): Promise<{ accountId: string | null } | null>;
  /** Uses it up: only one caller gets it. */
  takeOneTimeLink(
    secretHash: string,
    purpose: LinkPurpose,
    nowMs: number,
  ): Promise<{ accountId: string | null } | null>;
  removeLinksOf(accountId: string): Promise<void>;
  tokens(app: string | '*'): Promise<IngestToken[]>;
  createToken(token: {
    app: string;
    label: string;
    secretHash: string;
    by: string;
    atMs: number;
  }): Promise<IngestToken>;
  /** Revoked ones too: `revokedAtMs` tells. */
  tokenBySecret(secretHash: string): Promise<IngestToken | null>;
  noteTokenUse(id: string, atMs: number): Promise<void>;
  /** @returns was there one that was not revoked? */
  revokeToken(id: string, atMs: number): Promise<boolean>;
  audit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  auditEntries(app: string | '*', limit: number): Promise<AuditEntry[]>;
  /**
   * Counts an attempt of the key if all limits leave room for it; over all processes, so that no two of them take the
   * last one. @returns 0, or how many milliseconds to wait: then nothing was counted
   */
  takeAttempt(key: string, limits: readonly AttemptLimit[], nowMs: number): Promise<number>;
  forgetAttempts(key: string): Promise<void>;
};

export type NewAccount = { name: string; passwordHash: string; grants: Grant[]; atMs: number };
export type LinkPurpose = 'setup' | 'sign-in';
/** So many in so long, whenever that begins. */
export type AttemptLimit = { most: number; withinMs: number };

/** The portal's memory. SQLite in one file, or PostgreSQL for several portal processes. */
export type PortalStore = CrashStore &
  AccessStore & {
    readonly dialect: 'sqlite' | 'postgres';
    /** Who is told what, and the outbox. */
    readonly notifications: NotificationStore;
    readonly outboxSignal: OutboxSignal;
    /** Deletes a little of what is older than the retention; true while there is more. */
    pruneSome(nowMs: number): Promise<boolean>;
    /** Is the database there and writable? Throws CrashmonError where not. */
    ping(): Promise<void>;
    close(): Promise<void>;
  };
