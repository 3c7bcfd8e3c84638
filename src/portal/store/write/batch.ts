import type {
  BackRecord,
  CaptureRecord,
  CrashRecord,
  HeartbeatRecord,
  LossRecord,
  SentRecord,
  StateRecord,
} from '../../../model/telemetry.ts';
import type { PublicWorkload } from '../../../model/workload.ts';
import { keyOf } from '../key-of.ts';
import { AHEAD_MS } from '../limits.ts';
import type { Stored } from './record-store.ts';

/** A record with the app's number in the database, and a time that can be stored. */
export type Sent<Record> = {
  appId: number;
  app: string;
  instance: string;
  version: string | null;
  atMs: number;
  workload?: PublicWorkload;
  record: Record;
};

/** `stored` counts for the call that sent it; `clamped`: its time was out of range and was replaced. */
export type SentCrash = Sent<CrashRecord> & { stored: Stored; clamped: boolean };

/** The records of several calls of `write()`, by type and without duplicates. */
export type Batch = {
  crashes: SentCrash[];
  /** Captures and restarts by app and uid of their crash, until they are stored. */
  captures: Map<string, Sent<CaptureRecord>>;
  backs: Map<string, Sent<BackRecord>>;
  states: Sent<StateRecord>[];
  heartbeats: Sent<HeartbeatRecord>[];
  losses: Sent<LossRecord>[];
  /** One per call. */
  stored: Stored[];
};

export function groupByType(
  calls: readonly (readonly SentRecord[])[],
  appIds: ReadonlyMap<string, number>,
  nowMs: number,
  retentionMs: number,
): Batch {
  const batch: Batch = {
    crashes: [],
    captures: new Map(),
    backs: new Map(),
    states: [],
    heartbeats: [],
    losses: [],
    stored: [],
  };
  const seen = new Set<string>();
  for (const records of calls) {
    const stored: Stored = { crashes: 0, duplicates: 0 };
    batch.stored.push(stored);
    for (const { source, record } of records) {
      const appId = appIds.get(source.app);
      if (appId === undefined) throw new Error('an app without a number');
      const atMs = storableTime(record.atMs, nowMs, retentionMs);
      const { app, instance, version, workload } = source;
      const sent = { appId, app, instance, version, atMs, ...(workload === undefined ? {} : { workload }) };
      if (record.type === 'crash') {
        const key = keyOf(appId, record.uid, atMs);
        if (seen.has(key)) stored.duplicates++;
        else batch.crashes.push({ ...sent, record, stored, clamped: atMs !== record.atMs });
        seen.add(key);
      } else if (record.type === 'capture') {
        addFirst(batch.captures, keyOf(appId, record.crashUid), { ...sent, record });
      } else if (record.type === 'back') {
        const key = keyOf(appId, record.crashUid);
        // The second has the impact as well.
        if (record.impact === undefined) addFirst(batch.backs, key, { ...sent, record });
        else batch.backs.set(key, { ...sent, record });
      } else if (record.type === 'state') batch.states.push({ ...sent, record });
      else if (record.type === 'heartbeat') batch.heartbeats.push({ ...sent, record });
      else batch.losses.push({ ...sent, record });
    }
  }
  return batch;
}

/** A batch for each app, in the order of their numbers: Citus keeps each app on one node. */
export function byApp(
  batch: Batch,
  apps: ReadonlyMap<number, string>,
): { apps: ReadonlyMap<number, string>; batch: Batch }[] {
  return [...apps]
    .toSorted(([one], [other]) => one - other)
    .map(([id, name]) => {
      const isOfApp = ({ appId }: { appId: number }) => appId === id;
      const ofApp = <Item extends { appId: number }>(items: ReadonlyMap<string, Item>) =>
        new Map([...items].filter(([, item]) => isOfApp(item)));
      return {
        apps: new Map([[id, name]]),
        batch: {
          crashes: batch.crashes.filter(isOfApp),
          captures: ofApp(batch.captures),
          backs: ofApp(batch.backs),
          states: batch.states.filter(isOfApp),
          heartbeats: batch.heartbeats.filter(isOfApp),
          losses: batch.losses.filter(isOfApp),
          stored: batch.stored,
        },
      };
    });
}

function addFirst<Item>(items: Map<string, Item>, key: string, item: Item): void {
  if (!items.has(key)) items.set(key, item);
}

/** A time too far ahead becomes now; one before the retention becomes its start. */
function storableTime(atMs: number, nowMs: number, retentionMs: number): number {
  if (!Number.isFinite(atMs) || atMs > nowMs + AHEAD_MS) return nowMs;
  return Math.round(Math.max(atMs, nowMs - retentionMs));
}
