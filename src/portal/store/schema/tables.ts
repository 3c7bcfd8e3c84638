import type { GeneratedAlways } from 'kysely';
import type { CrashKind } from '../../../model/exit.ts';
import type { MonitorState } from '../../../model/policy.ts';
import type { NotificationKind } from '../../../notify/episode.ts';
import type { Notification } from '../../../notify/notification.ts';
import type { Delivery } from '../../../notify/retry.ts';

// Times are Unix milliseconds; yes and no are 1 and 0. A key begins with the app, so that Citus can distribute by it.

type AppsTable = {
  app_id: GeneratedAlways<number>;
  name: string;
  changes: number;
  last_crash_at: number | null;
};

type InstancesTable = {
  app_id: number;
  instance: string;
  state: MonitorState | null;
  cooldown_until: number | null;
  settings: string | null;
  /** crashmon ended there. */
  stopped: number;
  /** Why a crash like the last one cannot be captured there. */
  no_capture: string | null;
  /** Time and rank of the record that the five above are from: only a later one replaces them. */
  state_order: number;
  crashes_in_window: number | null;
  window_at: number;
  worker_started_at: number | null;
  crashmon_version: string | null;
  every_ms: number | null;
  heartbeat_at: number;
  version: string | null;
  first_seen: number;
  last_seen: number;
  last_crash_at: number | null;
  crashes_total: number;
  lost_records: number;
  /** Rows in state_changes, a few that were trimmed included. */
  changes_kept: number;
};

type StateChangesTable = {
  app_id: number;
  instance: string;
  at: number;
  uid: string;
  state: MonitorState | 'stopped';
  cooldown_until: number | null;
};

/** So that a loss that is told twice counts once. */
type LossesTable = { app_id: number; at: number; uid: string; n: number };

type VersionsTable = { app_id: number; version: string; first_seen: number; last_seen: number };

type CrashesTable = {
  app_id: number;
  at: number;
  uid: string;
  crash_id: string;
  instance: string;
  version: string | null;
  kind: CrashKind;
  status: string;
  exception_type: string | null;
  code: string | null;
  signal: string | null;
  signature: string;
  cause: string;
  suspected: number;
  armed: number;
  captured: number;
  /** A token of `model/coded.ts`; a sentence in rows of version 0.1. */
  reason: string;
  uptime_ms: number;
  crashes_in_window: number;
  settings: string;
  back_after_ms: number | null;
  report_hash: string | null;
  /** What of the report is of this crash alone. */
  report_own: string | null;
};

/** What many crashes have alike, stored once. */
type ReportsTable = { app_id: number; hash: string; body: string; last_at: number };

/** What came before its crash. */
type PendingTable = {
  app_id: number;
  crash_uid: string;
  what: 'capture' | 'back';
  at: number;
  instance: string;
  version: string | null;
  payload: string;
};

type SignaturesTable = {
  app_id: number;
  id: string;
  title: string;
  kind: CrashKind;
  exception_type: string | null;
  has_stack: number;
  first_seen: number;
  last_seen: number;
  crashes_total: number;
  instances: number;
  note: string;
  resolved_at: number | null;
  resolved_by: string | null;
};

type AliasesTable = { app_id: number; value: string; signature: string };

type SignatureVersionsTable = {
  app_id: number;
  signature: string;
  /** '' where none is known. */
  version: string;
  n: number;
  first_seen: number;
  last_seen: number;
};

type SignatureInstancesTable = {
  app_id: number;
  signature: string;
  instance: string;
  n: number;
  last_seen: number;
};

type CausesTable = {
  app_id: number;
  id: string;
  kind: CrashKind;
  exception_type: string | null;
  signal: string | null;
  code: string | null;
  status: string;
};

type CountsTable = {
  app_id: number;
  /** What is counted: `a` all, `s` a signature, `c` a cause, `i` an instance. */
  dimension: string;
  /** Length of the time counted, in minutes. */
  step: number;
  at: number;
  key: string;
  n: number;
};

type AccountsTable = {
  id: string;
  name: string;
  /** The name as it is compared. */
  name_key: string;
  password_hash: string;
  created_at: number;
  last_sign_in: number | null;
};
type GrantsTable = { account_id: string; app: string; role: 'viewer' | 'admin' };
type SessionsTable = {
  id: string;
  secret_hash: string;
  account_id: string;
  created_at: number;
  last_seen: number;
  expires_at: number;
  user_agent: string;
};
type LinksTable = {
  secret_hash: string;
  purpose: 'setup' | 'sign-in';
  account_id: string | null;
  expires_at: number;
};
type TokensTable = {
  id: string;
  app: string;
  label: string;
  secret_hash: string;
  created_at: number;
  created_by: string;
  last_used: number | null;
  revoked_at: number | null;
};
type AuditTable = {
  seq: GeneratedAlways<number>;
  at: number;
  who: string;
  what: string;
  app: string | null;
  detail: string;
};
type FailuresTable = { seq: GeneratedAlways<number>; failed_key: string; at: number };

/** A run of crashes of one cause; see notify/episode.ts. */
type EpisodesTable = {
  app_id: number;
  id: string;
  /** The group of the crash that opened it. */
  signature: string;
  kind: CrashKind;
  /** JSON of the episode but for its instances. */
  episode: string;
  /** JSON; apart, since it is long and seldom changes. */
  instance_names: string;
  /** By the clocks of who crashed, for people. */
  first_at: number;
  last_at: number;
  /** Of the newest crash. */
  version: string | null;
  crash_uid: string;
  /** The newest that has a stack. */
  report_uid: string | null;
  /** Made of crashes that were heard of long after they happened. */
  late: number;
  /** People were told of its beginning, or are about to be. */
  announced: number;
  /** Not before; never later than there is something to do. */
  wake_at: number | null;
  closed_at: number | null;
  /** Of the episode, for the order of digests. */
  crashes: number;
  /** What was to be told of it beyond the app's hourly limit; waits for the next digest. */
  held: NotificationKind | null;
};

/** Whose crashes an open episode counts: of its group, and of the group that the first stack led to. */
type EpisodeGroupsTable = { app_id: number; signature: string; episode_id: string };

type NoticesTable = {
  app_id: number;
  id: string;
  kind: Notification['kind'];
  episode_id: string | null;
  signature: string | null;
  at: number;
  /** `send`: has deliveries; `digest`: waits for one; `digested`: was in one; `drop`: `why` says why not. */
  how: 'send' | 'digest' | 'digested' | 'drop';
  due: number;
  why: string | null;
  /** JSON of a NotificationBody. */
  body: string;
};

/** The outbox: one notice to one receiver; see notify/retry.ts. Kept afterwards as the log. */
type DeliveriesTable = {
  app_id: number;
  notice_id: string;
  target_id: string;
  type: 'mail' | 'webhook';
  /** For people: the mail address, or the webhook's host. */
  address: string;
  state: Delivery['state'];
  first_due: number;
  due: number;
  attempts: number;
  problem: string | null;
  ended_at: number | null;
};

type NoticeSettingsTable = {
  app: string;
  preferences: string;
  /** Somebody chose who is told: the default is over. */
  own_targets: number;
  changed_at: number;
  changed_by: string;
};

type NoticeTargetsTable = {
  app: string;
  id: string;
  type: 'mail' | 'webhook';
  /** The mail address, or the webhook's whole address, which is a secret with many services. */
  address: string;
  preset: string | null;
  secret: string | null;
  created_at: number;
  created_by: string;
  /** Nothing goes there any more. */
  stopped_at: number | null;
  stopped_by: string | null;
};

export type Tables = {
  apps: AppsTable;
  instances: InstancesTable;
  state_changes: StateChangesTable;
  losses: LossesTable;
  versions: VersionsTable;
  crashes: CrashesTable;
  reports: ReportsTable;
  pending: PendingTable;
  signatures: SignaturesTable;
  aliases: AliasesTable;
  signature_versions: SignatureVersionsTable;
  signature_instances: SignatureInstancesTable;
  causes: CausesTable;
  counts: CountsTable;
  accounts: AccountsTable;
  grants: GrantsTable;
  sessions: SessionsTable;
  links: LinksTable;
  tokens: TokensTable;
  audit: AuditTable;
  failures: FailuresTable;
  episodes: EpisodesTable;
  episode_groups: EpisodeGroupsTable;
  notices: NoticesTable;
  deliveries: DeliveriesTable;
  notice_settings: NoticeSettingsTable;
  notice_targets: NoticeTargetsTable;
  /** What all processes of the portal sign with. */
  portal_keys: { name: string; secret: string };
  schema_version: { version: number };
};
