import { sql } from 'kysely';
import { type NoCapture, noCaptureToken } from '../../../model/no-capture.ts';
import type { StateRecord } from '../../../model/telemetry.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { KEPT_CHANGES } from '../limits.ts';
import { type Batch, keyOf, type Sent, type SentCrash } from './batch.ts';
import { encodeSettings } from './encode.ts';

type InstanceChange = {
  appId: number;
  instance: string;
  state: string | null;
  cooldownUntil: number | null;
  settings: string | null;
  stopped: number;
  noCapture: string | null;
  stateOrder: number;
  inWindow: number | null;
  windowAt: number;
  workerStartedAt: number | null;
  crashmonVersion: string | null;
  everyMs: number | null;
  heartbeatAt: number;
  version: string | null;
  firstSeen: number;
  lastSeen: number;
  lastCrashAt: number | null;
  crashes: number;
  lost: number;
  changes: number;
};

const COLUMNS = {
  app_id: 'int',
  instance: 'text',
  state: 'text',
  cooldown_until: 'int',
  settings: 'text',
  stopped: 'int',
  no_capture: 'text',
  state_order: 'int',
  crashes_in_window: 'int',
  window_at: 'int',
  worker_started_at: 'int',
  crashmon_version: 'text',
  every_ms: 'int',
  heartbeat_at: 'int',
  version: 'text',
  first_seen: 'int',
  last_seen: 'int',
  last_crash_at: 'int',
  crashes_total: 'int',
  lost_records: 'int',
  changes_kept: 'int',
} as const;
/** What a record says of an instance's state. */
type Said = {
  change: InstanceChange;
  order: number;
  record: {
    state: string;
    stopped?: boolean;
    noCapture?: NoCapture;
    cooldownUntilMs: number | null;
    settings: Parameters<typeof encodeSettings>[0];
  };
};

const NAMES = Object.keys(COLUMNS);
/** Of one millisecond the record that knows more is the later one. */
const RANK = { crash: 0, state: 1, heartbeat: 2 } as const;
const ORDERS = 4;
/** So many more than are kept may gather before they are trimmed. */
const SLACK = 50;

/**
 * What a batch says about instances, in whatever order it came: each part of a row is of the latest record that tells
 * it. Losses and changes of state count once.
 */
export async function storeInstances(
  dialect: DialectName,
  transaction: WriteTransaction,
  batch: Batch,
  newCrashes: readonly SentCrash[],
  placeOf: (sent: { appId: number; instance: string }) => string,
  nowMs: number,
): Promise<void> {
  const instances = new Map<string, InstanceChange>();
  /** A record dated ahead counts as of now, or it would outlast all that come before its time. */
  const heard = <Item extends { atMs: number }>(sent: Item): Item => ({
    ...sent,
    atMs: Math.min(sent.atMs, nowMs),
  });
  const noted = (sent: Sent<unknown>): InstanceChange =>
    note(instances, heard({ ...sent, instance: placeOf(sent) }));
  const isKept = (sent: Sent<unknown>): boolean => placeOf(sent) === sent.instance;
  const said: Said[] = [];
  for (const crash of newCrashes.map(heard)) {
    const change = noted(crash);
    change.crashes++;
    change.lastCrashAt = Math.max(change.lastCrashAt ?? 0, crash.atMs);
    if (!isKept(crash)) continue;
    said.push({ change, order: orderOf(crash), record: { ...crash.record, cooldownUntilMs: null } });
    takeWindow(change, crash.atMs, crash.record.crashesInWindow);
  }
  const states = batch.states.filter(isKept);
  for (const sent of states.map(heard)) {
    said.push({ change: noted(sent), order: orderOf(sent), record: sent.record });
  }
  for (const { record, ...sent } of batch.heartbeats.filter(isKept).map(heard)) {
    const change = noted({ ...sent, record });
    said.push({ change, order: orderOf({ ...sent, record }), record });
    takeWindow(change, sent.atMs, record.crashesInWindow);
    if (sent.atMs < change.heartbeatAt) continue;
    change.heartbeatAt = sent.atMs;
    change.workerStartedAt = record.workerStartedAtMs;
    change.crashmonVersion = record.crashmonVersion;
    change.everyMs = record.everyMs;
  }
  for (const each of said.toSorted((a, b) => a.order - b.order)) takeState(each);
  for (const sent of await insertLosses(dialect, transaction, batch)) noted(sent).lost += sent.record.count;
  for (const sent of await insertChanges(dialect, transaction, states)) noted(sent).changes++;
  if (instances.size > 0) await upsert(dialect, transaction, [...instances.values()]);
}

function note(instances: Map<string, InstanceChange>, sent: Sent<unknown>): InstanceChange {
  const key = keyOf(sent.appId, sent.instance);
  const known = instances.get(key);
  if (known !== undefined) {
    known.firstSeen = Math.min(known.firstSeen, sent.atMs);
    if (sent.atMs >= known.lastSeen) {
      known.lastSeen = sent.atMs;
      known.version = sent.version ?? known.version;
    }
    return known;
  }
  const fresh: InstanceChange = {
    appId: sent.appId,
    instance: sent.instance,
    state: null,
    cooldownUntil: null,
    settings: null,
    stopped: 0,
    noCapture: null,
    stateOrder: 0,
    inWindow: null,
    windowAt: 0,
    workerStartedAt: null,
    crashmonVersion: null,
    everyMs: null,
    heartbeatAt: 0,
    version: sent.version,
    firstSeen: sent.atMs,
    lastSeen: sent.atMs,
    lastCrashAt: null,
    crashes: 0,
    lost: 0,
    changes: 0,
  };
  instances.set(key, fresh);
  return fresh;
}

/** In the order in which they hold: the latest last. */
function takeState({ change, order, record }: Said): void {
  const isSame =
    order % ORDERS === RANK.crash &&
    record.state === change.state &&
    (change.cooldownUntil ?? 0) > order / ORDERS;
  if (!isSame) change.cooldownUntil = record.cooldownUntilMs;
  change.stateOrder = order;
  change.state = record.state;
  change.settings = encodeSettings(record.settings);
  change.stopped = Number(record.stopped === true);
  change.noCapture = record.noCapture === undefined ? null : noCaptureToken(record.noCapture);
}

const orderOf = ({ atMs, record }: { atMs: number; record: { type: keyof typeof RANK } }): number =>
  atMs * ORDERS + RANK[record.type];

function takeWindow(change: InstanceChange, atMs: number, crashesInWindow: number): void {
  if (atMs < change.windowAt) return;
  change.windowAt = atMs;
  change.inWindow = crashesInWindow;
}

async function insertLosses(dialect: DialectName, transaction: WriteTransaction, batch: Batch) {
  if (batch.losses.length === 0) return [];
  const cells = batch.losses.map(({ appId, atMs, record }) => [appId, atMs, record.uid, record.count]);
  const rows = jsonRows(dialect, { app_id: 'int', at: 'int', uid: 'text', n: 'int' }, cells);
  const inserted = await sql<{
    app_id: number;
    at: number;
    uid: string;
  }>`insert into losses (app_id, at, uid, n)
    select r.app_id, r.at, r.uid, r.n from ${rows} as r where true
    on conflict (app_id, at, uid) do nothing returning app_id, at, uid`.execute(transaction);
  const fresh = new Set(inserted.rows.map(({ app_id, at, uid }) => keyOf(app_id, at, uid)));
  return batch.losses.filter(({ appId, atMs, record }) => fresh.delete(keyOf(appId, atMs, record.uid)));
}

async function insertChanges(
  dialect: DialectName,
  transaction: WriteTransaction,
  states: readonly Sent<StateRecord>[],
) {
  if (states.length === 0) return [];
  const columns = {
    app_id: 'int',
    instance: 'text',
    at: 'int',
    uid: 'text',
    state: 'text',
    cooldown_until: 'int',
  } as const;
  const cells = states.map(({ appId, instance, atMs, record }): Cell[] => [
    appId,
    instance,
    atMs,
    record.uid,
    record.stopped === true ? 'stopped' : record.state,
    record.cooldownUntilMs,
  ]);
  const inserted = await sql<{ app_id: number; instance: string; at: number; uid: string }>`
    insert into state_changes (app_id, instance, at, uid, state, cooldown_until)
    select r.app_id, r.instance, r.at, r.uid, r.state, r.cooldown_until
    from ${jsonRows(dialect, columns, cells)} as r where true
    on conflict (app_id, instance, at, uid) do nothing returning app_id, instance, at, uid`.execute(
    transaction,
  );
  const fresh = new Set(inserted.rows.map((row) => keyOf(row.app_id, row.instance, row.at, row.uid)));
  return states.filter(({ appId, instance, atMs, record }) =>
    fresh.delete(keyOf(appId, instance, atMs, record.uid)),
  );
}

async function upsert(
  dialect: DialectName,
  transaction: WriteTransaction,
  changes: readonly InstanceChange[],
): Promise<void> {
  const cells = changes
    .toSorted((a, b) => a.appId - b.appId || (a.instance < b.instance ? -1 : 1))
    // In the order of the columns, which is that of InstanceChange.
    .map((change): Cell[] => Object.values(change));
  const latest = (by: string, ...names: string[]) =>
    names.map(
      (name) => `${name} = case when excluded.${by} > t.${by} then excluded.${name} else t.${name} end`,
    );
  const updates = [
    // A crash does not say how long the cool-down lasts: what a state or heartbeat said of the same one stays.
    `cooldown_until = case when excluded.state_order <= t.state_order then t.cooldown_until
      when excluded.cooldown_until is null and excluded.state_order % ${ORDERS} = ${RANK.crash} and excluded.state = t.state
        and t.cooldown_until > excluded.state_order / ${ORDERS} then t.cooldown_until
      else excluded.cooldown_until end`,
    ...latest('state_order', 'state', 'settings', 'stopped', 'no_capture', 'state_order'),
    ...latest('window_at', 'crashes_in_window', 'window_at'),
    ...latest('heartbeat_at', 'worker_started_at', 'crashmon_version', 'every_ms', 'heartbeat_at'),
    `version = case when excluded.version is null then t.version
      when t.version is null or excluded.last_seen >= t.last_seen then excluded.version else t.version end`,
    'first_seen = case when excluded.first_seen < t.first_seen then excluded.first_seen else t.first_seen end',
    ...latest('last_seen', 'last_seen'),
    `last_crash_at = case when t.last_crash_at is null or excluded.last_crash_at > t.last_crash_at
      then excluded.last_crash_at else t.last_crash_at end`,
    ...['crashes_total', 'lost_records', 'changes_kept'].map(
      (name) => `${name} = t.${name} + excluded.${name}`,
    ),
  ];
  const after = await sql<{ app_id: number; instance: string; changes_kept: number }>`
    insert into instances as t (${sql.raw(NAMES.join(', '))})
    select ${sql.raw(NAMES.map((name) => `r.${name}`).join(', '))}
    from ${jsonRows(dialect, COLUMNS, cells)} as r where true
    on conflict (app_id, instance) do update set ${sql.raw(updates.join(', '))}
    returning app_id, instance, changes_kept`.execute(transaction);
  for (const { app_id, instance, changes_kept } of after.rows) {
    if (changes_kept > KEPT_CHANGES + SLACK) await trimChanges(transaction, app_id, instance);
  }
}

async function trimChanges(transaction: WriteTransaction, appId: number, instance: string): Promise<void> {
  const oldest = await transaction
    .selectFrom('state_changes')
    .select(['at', 'uid'])
    .where('app_id', '=', appId)
    .where('instance', '=', instance)
    .orderBy('at', 'desc')
    .orderBy('uid', 'desc')
    .offset(KEPT_CHANGES - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await sql`delete from state_changes where app_id = ${appId} and instance = ${instance}
    and (at, uid) < (${oldest.at}, ${oldest.uid})`.execute(transaction);
  await sql`update instances set changes_kept = ${KEPT_CHANGES}
    where app_id = ${appId} and instance = ${instance}`.execute(transaction);
}
