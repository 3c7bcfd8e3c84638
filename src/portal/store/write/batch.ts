import type {
  BackRecord,
  CaptureRecord,
  CrashRecord,
  HeartbeatRecord,
  LossRecord,
  SentRecord,
  StateRecord,
} from '../../../model/telemetry.ts';
import { AHEAD_MS } from '../limits.ts';
import type { Stored } from '../portal-store.ts';

/** A record with the app's number in the database, and a time that can be stored. */
export type Sent<Record> = {
  appId: number;
  app: string;
  instance: string;
  version: string | null;
  atMs: number;
  record: Record;
};
export type SentCrash = Sent<CrashRecord> & { call: number; clamped: boolean };

/** What several calls of `write()` sent, sorted out; what comes twice within is here once. */
export type Batch = {
  crashes: SentCrash[];
  captures: Map<string, Sent<CaptureRecord>>;
  backs: Map<string, Sent<BackRecord>>;
  states: Sent<StateRecord>[];
  heartbeats: Sent<HeartbeatRecord>[];
  losses: Sent<LossRecord>[];
  /** One for each call. */
  stored: Stored[];
};

/** JSON, so that no name can look like another's key. */
export const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);

export function sortOut(
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
    stored: calls.map(() => ({ crashes: 0, duplicates: 0 })),
  };
  const seen = new Set<string>();
  calls.forEach((records, call) => {
    for (const { source, record } of records) {
      const appId = appIds.get(source.app);
      if (appId === undefined) throw new Error('an app without a number');
      const atMs = storableTime(record.atMs, nowMs, retentionMs);
      const sent = { appId, app: source.app, instance: source.instance, version: source.version, atMs };
      const key = keyOf(appId, 'crashUid' in record ? record.crashUid : record.uid);
      if (record.type === 'crash') {
        const own = keyOf(key, atMs);
        if (seen.has(own)) {
          const stored = batch.stored[call];
          if (stored !== undefined) stored.duplicates++;
          continue;
        }
        seen.add(own);
        batch.crashes.push({ ...sent, record, call, clamped: atMs !== record.atMs });
      } else if (record.type === 'capture') {
        if (!batch.captures.has(key)) batch.captures.set(key, { ...sent, record });
      } else if (record.type === 'back') {
        if (!batch.backs.has(key)) batch.backs.set(key, { ...sent, record });
      } else if (record.type === 'state') batch.states.push({ ...sent, record });
      else if (record.type === 'heartbeat') batch.heartbeats.push({ ...sent, record });
      else batch.losses.push({ ...sent, record });
    }
  });
  return batch;
}

/** Clocks jump, and senders lie: what is far ahead happened now, what is older than is kept is as old as is kept. */
function storableTime(atMs: number, nowMs: number, retentionMs: number): number {
  if (!Number.isFinite(atMs) || atMs > nowMs + AHEAD_MS) return nowMs;
  return Math.round(Math.max(atMs, nowMs - retentionMs));
}
