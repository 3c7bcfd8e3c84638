import type { Selectable } from 'kysely';
import type { DumpKind } from '../../../model/dump.ts';
import type { CrashKind } from '../../../model/exit.ts';
import type { MonitorState } from '../../../model/policy.ts';
import type { PublicSession } from '../../../model/public-session.ts';
import type { RemoteRequest, RequestRefusal } from '../../../model/remote-request.ts';
import type { NotificationKind } from '../../../notify/episode.ts';
import type { Notification } from '../../../notify/notification.ts';
import type { Delivery } from '../../../notify/retry.ts';
import { ACCESS_TABLES } from './access-columns.ts';
import { bytes, counter, flag, int, nullable, type RowOf, type Table, table, text } from './column.ts';

/**
 * The schema after all migrations; types, writes and backups follow from it, and a test keeps the migrations equal to
 * it. Times are Unix milliseconds. A key of what belongs to an app begins with the app: Citus distributes by it.
 */
export const TABLES = {
  apps: table(['app_id'], {
    app_id: counter(),
    name: text(),
  }),
  /** Each app has a row; who writes for an app locks it first. */
  app_activity: table(['app_id'], {
    app_id: int(),
    changes: int(),
    last_crash_at: nullable(int()),
  }),
  instances: table(['app_id', 'instance'], {
    app_id: int(),
    instance: text(),
    state: nullable(text<MonitorState>()),
    cooldown_until: nullable(int()),
    settings: nullable(text()),
    /** crashmon reported its end. */
    stopped: flag(),
    /** Token: why a crash like the last one cannot be captured. */
    no_capture: nullable(text()),
    /** Time and rank of the record of the five columns above: only a later one replaces them. */
    state_order: int(),
    crashes_in_window: nullable(int()),
    window_at: int(),
    worker_started_at: nullable(int()),
    crashmon_version: nullable(text()),
    every_ms: nullable(int()),
    heartbeat_at: int(),
    version: nullable(text()),
    first_seen: int(),
    last_seen: int(),
    last_crash_at: nullable(int()),
    crashes_total: int(),
    lost_records: int(),
    /** Rows in state_changes; may include a few that were trimmed. */
    changes_kept: int(),
    /** JSON; null if nothing is known. */
    workload: nullable(text()),
  }),
  state_changes: table(['app_id', 'instance', 'at', 'uid'], {
    app_id: int(),
    instance: text(),
    at: int(),
    uid: text(),
    state: text<MonitorState | 'stopped'>(),
    cooldown_until: nullable(int()),
  }),
  /** A loss that arrives twice counts once. */
  losses: table(['app_id', 'at', 'uid'], {
    app_id: int(),
    at: int(),
    uid: text(),
    n: int(),
  }),
  versions: table(['app_id', 'version'], {
    app_id: int(),
    version: text(),
    first_seen: int(),
    last_seen: int(),
  }),
  crashes: table(['app_id', 'at', 'uid'], {
    app_id: int(),
    at: int(),
    uid: text(),
    crash_id: text(),
    instance: text(),
    version: nullable(text()),
    kind: text<CrashKind>(),
    status: text(),
    exception_type: nullable(text()),
    code: nullable(text()),
    signal: nullable(text()),
    signature: text(),
    cause: text(),
    suspected: flag(),
    armed: flag(),
    captured: flag(),
    /** A token of `model/coded.ts`; a sentence in rows of version 0.1. */
    reason: text(),
    uptime_ms: int(),
    crashes_in_window: int(),
    settings: text(),
    back_after_ms: nullable(int()),
    /** A token of `model/ended-process.ts`; null: the main process. */
    process: nullable(text()),
    /** A token of `model/impact.ts`. */
    impact: nullable(text()),
    report_hash: nullable(text()),
    /** JSON: the parts of the report that only this crash has. */
    report_own: nullable(text()),
  }),
  /** The parts of reports that many crashes share. */
  reports: table(['app_id', 'hash'], {
    app_id: int(),
    hash: text(),
    body: text(),
    last_at: int(),
  }),
  /** Captures and restarts that arrived before their crash. */
  pending: table(['app_id', 'crash_uid', 'what'], {
    app_id: int(),
    crash_uid: text(),
    what: text<'capture' | 'back'>(),
    at: int(),
    instance: text(),
    version: nullable(text()),
    payload: text(),
  }),
  signatures: table(['app_id', 'id'], {
    app_id: int(),
    id: text(),
    title: text(),
    kind: text<CrashKind>(),
    exception_type: nullable(text()),
    has_stack: flag(),
    first_seen: int(),
    last_seen: int(),
    crashes_total: int(),
    instances: int(),
    note: text(),
    resolved_at: nullable(int()),
    resolved_by: nullable(text()),
  }),
  aliases: table(['app_id', 'value'], {
    app_id: int(),
    value: text(),
    signature: text(),
  }),
  signature_versions: table(['app_id', 'signature', 'version'], {
    app_id: int(),
    signature: text(),
    /** '' if unknown. */
    version: text(),
    n: int(),
    first_seen: int(),
    last_seen: int(),
  }),
  signature_instances: table(['app_id', 'signature', 'instance'], {
    app_id: int(),
    signature: text(),
    instance: text(),
    n: int(),
    last_seen: int(),
  }),
  causes: table(['app_id', 'id'], {
    app_id: int(),
    id: text(),
    kind: text<CrashKind>(),
    exception_type: nullable(text()),
    signal: nullable(text()),
    code: nullable(text()),
    status: text(),
  }),
  counts: table(['app_id', 'dimension', 'step', 'at', 'key'], {
    app_id: int(),
    /** What is counted: `a` all, `s` a signature, `c` a cause, `i` an instance. */
    dimension: text(),
    /** Minutes per count. */
    step: int(),
    at: int(),
    key: text(),
    n: int(),
  }),
  /** Sessions that keep dumps, as their instances report them. */
  dump_sessions: table(['app_id', 'instance', 'id'], {
    app_id: int(),
    instance: text(),
    id: text(),
    started_at: int(),
    ends_at: int(),
    state: text<PublicSession['state']>(),
    max_dumps: int(),
    kept: int(),
    /** That asked for it, by what the instance says; null: it was started there. */
    account: nullable(text()),
    /** Time of the heartbeat: only a later one changes the row. */
    seen_at: int(),
  }),
  /** Dumps that instances keep: that they are there. */
  dumps: table(['app_id', 'instance', 'crash_uid'], {
    app_id: int(),
    instance: text(),
    crash_uid: text(),
    kept_at: int(),
    expires_at: int(),
    /** When a heartbeat no longer listed it. */
    deleted_at: nullable(int()),
    size: int(),
    is_full: flag(),
    encrypted: flag(),
    status: text(),
    /** null: a core, as all of earlier versions are. */
    kind: nullable(text<DumpKind>()),
  }),
  /** Dumps that are here, too, encrypted. `dumps` has until when. */
  dump_copies: table(['app_id', 'instance', 'crash_uid'], {
    app_id: int(),
    instance: text(),
    crash_uid: text(),
    size: int(),
    /** Bytes that have arrived, from the beginning. */
    have: int(),
    changed_at: int(),
  }),
  dump_pieces: table(['app_id', 'instance', 'crash_uid', 'position'], {
    app_id: int(),
    instance: text(),
    crash_uid: text(),
    /** Of its first byte in the file. */
    position: int(),
    bytes: bytes(),
  }),
  /** What admins ask instances for. */
  remote_requests: table(['app_id', 'id'], {
    app_id: int(),
    id: text(),
    instance: text(),
    what: text<RemoteRequest['what']>(),
    max_dumps: nullable(int()),
    for_ms: nullable(int()),
    account: text(),
    /** Name of the account. */
    who: text(),
    at: int(),
    expires_at: int(),
    state: text<'asked' | 'started' | 'refused'>(),
    why: nullable(text<RequestRefusal>()),
    answered_at: nullable(int()),
  }),
  ...ACCESS_TABLES,
  /** A run of crashes of one cause; see notify/episode.ts. */
  episodes: table(['app_id', 'id'], {
    app_id: int(),
    id: text(),
    /** The group of the crash that opened it. */
    signature: text(),
    kind: text<CrashKind>(),
    /** JSON of the episode without its instances. */
    episode: text(),
    /** JSON; separate because it is long and rarely changes. */
    instance_names: text(),
    /** By the clocks of the instances; only shown. */
    first_at: int(),
    last_at: int(),
    /** Of the newest crash. */
    version: nullable(text()),
    crash_uid: text(),
    /** The newest that has a stack. */
    report_uid: nullable(text()),
    /** Its crashes arrived long after they happened. */
    late: flag(),
    /** Its beginning was announced, or is about to be. */
    announced: flag(),
    /** When to check it next; never later than something is due. */
    wake_at: nullable(int()),
    closed_at: nullable(int()),
    /** For the order of digests. */
    crashes: int(),
    /** Beyond the app's hourly limit: waits for the next digest. */
    held: nullable(text<NotificationKind>()),
  }),
  /** The groups whose crashes an open episode counts: its own, and the group of its first stack. */
  episode_groups: table(['app_id', 'signature'], {
    app_id: int(),
    signature: text(),
    episode_id: text(),
  }),
  /** Notifications; the name is from version 0.1. */
  notices: table(['app_id', 'id'], {
    app_id: int(),
    id: text(),
    kind: text<Notification['kind']>(),
    episode_id: nullable(text()),
    signature: nullable(text()),
    at: int(),
    /** `send`: has deliveries; `digest`: waits for one; `digested`: was in one; `drop`: see `why`. */
    how: text<'send' | 'digest' | 'digested' | 'drop'>(),
    due: int(),
    why: nullable(text()),
    /** JSON of a NotificationBody. */
    body: text(),
  }),
  /** The outbox and the delivery log: one notification to one recipient; see notify/retry.ts. */
  deliveries: table(['app_id', 'notice_id', 'target_id'], {
    app_id: int(),
    notice_id: text(),
    target_id: text(),
    type: text<'mail' | 'webhook'>(),
    /** The mail address, or the webhook's host. */
    address: text(),
    state: text<Delivery['state']>(),
    first_due: int(),
    due: int(),
    attempts: int(),
    problem: nullable(text()),
    ended_at: nullable(int()),
  }),
  notice_settings: table(['app'], {
    app: text(),
    preferences: text(),
    /** The app has recipients of its own: the default ones do not apply. */
    own_targets: flag(),
    changed_at: int(),
    changed_by: text(),
  }),
  notice_targets: table(['app', 'id'], {
    app: text(),
    id: text(),
    type: text<'mail' | 'webhook'>(),
    /** The mail address, or the webhook's full URL, which is often a secret. */
    address: text(),
    preset: nullable(text()),
    secret: nullable(text()),
    created_at: int(),
    created_by: text(),
    /** Unsubscribed. */
    stopped_at: nullable(int()),
    stopped_by: nullable(text()),
  }),
  /** Shared by all processes of the portal. */
  portal_keys: table(['name'], { name: text(), secret: text() }),
} as const satisfies Readonly<Record<string, Table>>;

export type TableName = keyof typeof TABLES;

/** In no backup: it would keep dumps beyond their time. Instances send them again. */
export const NOT_BACKED_UP: readonly TableName[] = ['dump_copies', 'dump_pieces'];

export type Tables = { [Name in TableName]: RowOf<(typeof TABLES)[Name]['columns']> } & {
  schema_version: { version: number };
};

/** A row as it is read. */
export type Row<Name extends TableName> = Selectable<Tables[Name]>;
