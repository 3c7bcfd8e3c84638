import type { Columns } from '../database/json-rows.ts';
import type { Tables } from '../schema/tables.ts';

type Table = Exclude<keyof Tables, 'schema_version'>;

/** Every table and its key, by which it is read in parts. */
export const BACKUP_KEYS: Readonly<Record<Table, readonly string[]>> = {
  apps: ['app_id'],
  instances: ['app_id', 'instance'],
  state_changes: ['app_id', 'instance', 'at', 'uid'],
  losses: ['app_id', 'at', 'uid'],
  versions: ['app_id', 'version'],
  crashes: ['app_id', 'at', 'uid'],
  reports: ['app_id', 'hash'],
  pending: ['app_id', 'crash_uid', 'what'],
  signatures: ['app_id', 'id'],
  aliases: ['app_id', 'value'],
  signature_versions: ['app_id', 'signature', 'version'],
  signature_instances: ['app_id', 'signature', 'instance'],
  causes: ['app_id', 'id'],
  counts: ['app_id', 'dimension', 'step', 'at', 'key'],
  accounts: ['id'],
  grants: ['account_id', 'app'],
  sessions: ['id'],
  links: ['secret_hash'],
  tokens: ['id'],
  audit: ['seq'],
  failures: ['seq'],
  episodes: ['app_id', 'id'],
  episode_groups: ['app_id', 'signature'],
  notices: ['app_id', 'id'],
  deliveries: ['app_id', 'notice_id', 'target_id'],
  notice_settings: ['app'],
  notice_targets: ['app', 'id'],
  portal_keys: ['name'],
};

/** Tables whose key the database counts up. */
export const COUNTED_KEYS = { apps: 'app_id', audit: 'seq', failures: 'seq' } as const;

/** Columns that hold numbers; a name means the same in every table. */
const NUMBERS = new Set(
  `app_id changes last_crash_at cooldown_until state_order crashes_in_window window_at worker_started_at every_ms
  heartbeat_at first_seen last_seen crashes_total lost_records changes_kept at n suspected armed captured uptime_ms
  back_after_ms last_at has_stack instances resolved_at step created_at last_sign_in expires_at last_used revoked_at
  seq first_at late announced wake_at closed_at due first_due attempts ended_at changed_at stopped_at own_targets
  crashes stopped`.split(/\s+/),
);

export const columnsOf = (names: readonly string[]): Columns =>
  Object.fromEntries(names.map((name) => [name, NUMBERS.has(name) ? 'int' : 'text']));
