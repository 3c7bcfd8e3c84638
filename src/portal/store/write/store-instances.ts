import { sql } from 'kysely';
import { noCaptureToken } from '../../../model/no-capture.ts';
import type { HeartbeatRecord, StateRecord } from '../../../model/telemetry.ts';
import { earliest, latest, plus, upsertRows } from '../database/write-rows.ts';
import { encodeSettings, encodeWorkload } from '../encode.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';
import type { Batch, Sent } from './batch.ts';
import type { PlaceOf } from './instance-room.ts';
import { insertLosses, insertStateChanges, trimStateChanges } from './state-changes.ts';
import type { NewCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

type InstanceRow = Row<'instances'>;

/** What a record says about the state of an instance. */
type Reported = {
  row: InstanceRow;
  order: number;
  record: Pick<
    StateRecord | HeartbeatRecord,
    'state' | 'stopped' | 'noCapture' | 'cooldownUntilMs' | 'settings'
  >;
};

/** Within one millisecond, the record that knows more counts as the later one. */
const RANK = { crash: 0, state: 1, heartbeat: 2 } as const;
const ORDERS = 4;

/** Updates instances from the records of a batch, in any order: each part of a row comes from its latest record. */
export async function storeInstances(
  context: WriteContext,
  batch: Batch,
  inserted: readonly NewCrash[],
  placeOf: PlaceOf,
): Promise<void> {
  const rows = new InstanceRows(placeOf, context.nowMs);
  for (const { sent } of inserted) rows.addCrash(sent);
  const states = batch.states.filter(rows.isKept);
  for (const sent of states) rows.addState(sent);
  for (const sent of batch.heartbeats.filter(rows.isKept)) rows.addHeartbeat(sent);
  for (const sent of await insertLosses(context, batch.losses)) {
    rows.rowOf(sent).lost_records += sent.record.count;
  }
  for (const sent of await insertStateChanges(context, states)) rows.rowOf(sent).changes_kept++;
  await upsertInstances(context, rows.finish());
}

/** The rows of one batch, to be merged into the stored ones. */
class InstanceRows {
  readonly #placeOf: PlaceOf;
  readonly #nowMs: number;
  readonly #rows = new Map<string, InstanceRow>();
  readonly #reported: Reported[] = [];

  constructor(placeOf: PlaceOf, nowMs: number) {
    this.#placeOf = placeOf;
    this.#nowMs = nowMs;
  }

  /** Is the instance stored under its own name? */
  readonly isKept = (sent: Sent<unknown>): boolean => this.#placeOf(sent) === sent.instance;

  addCrash(sent: NewCrash['sent']): void {
    const { record } = sent;
    const atMs = this.#timeOf(sent);
    const row = this.rowOf(sent);
    row.crashes_total++;
    row.last_crash_at = Math.max(row.last_crash_at ?? 0, atMs);
    if (!this.isKept(sent)) return;
    this.#reported.push({ row, order: orderOf(atMs, 'crash'), record: { ...record, cooldownUntilMs: null } });
    setWindow(row, atMs, record.crashesInWindow);
  }

  addState(sent: Sent<StateRecord>): void {
    const order = orderOf(this.#timeOf(sent), 'state');
    this.#reported.push({ row: this.rowOf(sent), order, record: sent.record });
  }

  addHeartbeat(sent: Sent<HeartbeatRecord>): void {
    const { record } = sent;
    const atMs = this.#timeOf(sent);
    const row = this.rowOf(sent);
    this.#reported.push({ row, order: orderOf(atMs, 'heartbeat'), record });
    setWindow(row, atMs, record.crashesInWindow);
    if (atMs < row.heartbeat_at) return;
    row.heartbeat_at = atMs;
    row.worker_started_at = record.workerStartedAtMs;
    row.crashmon_version = record.crashmonVersion;
    row.every_ms = record.everyMs;
  }

  /** The row of the record's instance, which was seen at its time. */
  rowOf(sent: Sent<unknown>): InstanceRow {
    const instance = this.#placeOf(sent);
    const atMs = this.#timeOf(sent);
    const key = keyOf(sent.appId, instance);
    const known = this.#rows.get(key);
    if (known === undefined) {
      const row = emptyRow(sent.appId, instance, sent.version, atMs);
      row.workload = encodeWorkload(sent.workload);
      this.#rows.set(key, row);
      return row;
    }
    known.first_seen = Math.min(known.first_seen, atMs);
    if (atMs >= known.last_seen) {
      known.last_seen = atMs;
      known.version = sent.version ?? known.version;
      known.workload = encodeWorkload(sent.workload);
    }
    return known;
  }

  /** In the order of their keys, so that no two transactions wait for each other. */
  finish(): InstanceRow[] {
    for (const each of this.#reported.toSorted((a, b) => a.order - b.order)) setState(each);
    return [...this.#rows.values()].toSorted(
      (a, b) => a.app_id - b.app_id || (a.instance < b.instance ? -1 : 1),
    );
  }

  /** A record dated ahead counts as of now; otherwise it would hide all others until its time. */
  #timeOf({ atMs }: Sent<unknown>): number {
    return Math.min(atMs, this.#nowMs);
  }
}

const emptyRow = (appId: number, instance: string, version: string | null, atMs: number): InstanceRow => ({
  app_id: appId,
  instance,
  state: null,
  cooldown_until: null,
  settings: null,
  stopped: 0,
  no_capture: null,
  state_order: 0,
  crashes_in_window: null,
  window_at: 0,
  worker_started_at: null,
  crashmon_version: null,
  every_ms: null,
  heartbeat_at: 0,
  version,
  first_seen: atMs,
  last_seen: atMs,
  last_crash_at: null,
  crashes_total: 0,
  lost_records: 0,
  changes_kept: 0,
  workload: null,
});

/** Call it in the order of the records, the latest last. */
function setState({ row, order, record }: Reported): void {
  const isSame =
    order % ORDERS === RANK.crash && record.state === row.state && (row.cooldown_until ?? 0) > order / ORDERS;
  if (!isSame) row.cooldown_until = record.cooldownUntilMs;
  row.state_order = order;
  row.state = record.state;
  row.settings = encodeSettings(record.settings);
  row.stopped = Number(record.stopped === true);
  row.no_capture = record.noCapture === undefined ? null : noCaptureToken(record.noCapture);
}

const orderOf = (atMs: number, type: keyof typeof RANK): number => atMs * ORDERS + RANK[type];

function setWindow(row: InstanceRow, atMs: number, crashesInWindow: number): void {
  if (atMs < row.window_at) return;
  row.window_at = atMs;
  row.crashes_in_window = crashesInWindow;
}

const latestBy = (by: string, ...names: string[]): string[] =>
  names.map(
    (name) => `${name} = case when excluded.${by} > t.${by} then excluded.${name} else t.${name} end`,
  );

const CHANGES: readonly string[] = [
  // A crash does not say how long the cool-down lasts: what a state or heartbeat said of the same cool-down stays.
  `cooldown_until = case when excluded.state_order <= t.state_order then t.cooldown_until
    when excluded.cooldown_until is null and excluded.state_order % ${ORDERS} = ${RANK.crash} and excluded.state = t.state
      and t.cooldown_until > excluded.state_order / ${ORDERS} then t.cooldown_until
    else excluded.cooldown_until end`,
  ...latestBy('state_order', 'state', 'settings', 'stopped', 'no_capture', 'state_order'),
  ...latestBy('window_at', 'crashes_in_window', 'window_at'),
  ...latestBy('heartbeat_at', 'worker_started_at', 'crashmon_version', 'every_ms', 'heartbeat_at'),
  `version = case when excluded.version is null then t.version
    when t.version is null or excluded.last_seen >= t.last_seen then excluded.version else t.version end`,
  `workload = case when excluded.last_seen >= t.last_seen then excluded.workload else t.workload end`,
  earliest('first_seen'),
  latest('last_seen'),
  latest('last_crash_at'),
  ...['crashes_total', 'lost_records', 'changes_kept'].map(plus),
];

async function upsertInstances(context: WriteContext, rows: readonly InstanceRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { dialect, transaction } = context;
  const stored = await sql<Pick<InstanceRow, 'app_id' | 'instance' | 'changes_kept'>>`
    ${upsertRows(dialect, 'instances', rows, CHANGES)} returning app_id, instance, changes_kept`.execute(
    transaction,
  );
  await trimStateChanges(context, stored.rows);
}
