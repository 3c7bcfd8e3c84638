import { sql } from 'kysely';
import type { SentRecord } from '../../model/telemetry.ts';
import { accessTables } from './access/access-tables.ts';
import { addPiece, readPiece, wantedCopies } from './copies/copies.ts';
import type { DumpKey } from './copies/copy-store.ts';
import type { Database } from './database/database.ts';
import { databaseFailure } from './database/database-failure.ts';
import { storableText } from './database/json-rows.ts';
import { foldGone, foldSome } from './fold/fold-some.ts';
import { keyOf } from './key-of.ts';
import { APP_LIMITS, type AppLimits, DAY_MS, HOUR_MS, INSTANCE_RETENTION_MS, MINUTE_MS } from './limits.ts';
import { notificationTables } from './notifications/notification-tables.ts';
import { OutboxSignal } from './notifications/outbox-signal.ts';
import type { PortalStore } from './portal-store.ts';
import { pruneSome } from './prune.ts';
import { listApps, readChangeCounters } from './read/apps.ts';
import { listCrashes, readCrash } from './read/crashes.ts';
import { readDump, readSessions } from './read/dumps.ts';
import { readFleet } from './read/fleet.ts';
import { listInstances, readInstance, readInstanceDays, readStateChanges } from './read/instances.ts';
import { listSignatures, readSignature, writeToSignature } from './read/signatures.ts';
import { readCauses, readTimeline } from './read/timeline.ts';
import { OpenRequests } from './requests/open-requests.ts';
import { addRequest } from './requests/requests.ts';
import { BatchWriter } from './write/write-batch.ts';
import { WriteQueue } from './write/write-queue.ts';

const FOLD_EVERY_MS = 5 * MINUTE_MS;
/** It reads all instances. */
const FOLD_GONE_EVERY_MS = HOUR_MS;

/** The store over a database whose schema is current. */
export function assembleStore(
  database: Database,
  retentionDays: number,
  now: () => number,
  mailTo: readonly string[] = [],
  limits: AppLimits = APP_LIMITS,
  instanceRetentionMs = INSTANCE_RETENTION_MS,
): PortalStore {
  const retentionMs = retentionDays * DAY_MS;
  const signal = new OutboxSignal();
  const rules = { mailTo, perHour: limits.notificationsPerHour };
  const batches = new BatchWriter(database, retentionMs, now, { signal, rules }, limits);
  const queue = new WriteQueue((calls) => batches.store(calls), laneOf(database));
  const openRequests = new OpenRequests(database);
  let foldedMs = Number.NEGATIVE_INFINITY;
  let foldedGoneMs = Number.NEGATIVE_INFINITY;
  const store: PortalStore = {
    dialect: database.dialect,
    notifications: withClearErrors(notificationTables(database, signal, rules), database.shownName),
    outboxSignal: signal,
    ...accessTables(database),
    write: (records) => queue.write(records),
    apps: (allowed, nowMs) => listApps(database, allowed, nowMs),
    instances: (app, nowMs) => listInstances(database, app, nowMs),
    instanceDays: (app, instances, nowMs) =>
      readInstanceDays(database, app, instances.map(storableText), nowMs),
    fleet: (app, nowMs) => readFleet(database, app, nowMs),
    instance: (app, instance, nowMs) => readInstance(database, app, storableText(instance), nowMs),
    stateChanges: (app, instance, limit) => readStateChanges(database, app, storableText(instance), limit),
    timeline: (app, range, bucketMs, signature) =>
      readTimeline(database, app, range, bucketMs, signature, now()),
    causes: (app, range, limit) => readCauses(database, app, range, limit, now()),
    signatures: (app, range, limit, nowMs) => listSignatures(database, app, range, limit, nowMs),
    signature: (app, id, nowMs) => readSignature(database, app, storableText(id), nowMs),
    crashes: (app, filter, limit, after) => listCrashes(database, app, filter, limit, after),
    crash: (app, uid) => readCrash(database, app, storableText(uid)),
    setNote: (app, signature, note) =>
      writeToSignature(database, app, signature, { note: storableText(note) }),
    setResolved: (app, signature, resolved) =>
      writeToSignature(database, app, signature, {
        resolved_at: resolved?.atMs ?? null,
        resolved_by: resolved?.by ?? null,
      }),
    dumpSessions: (app, sinceMs, nowMs, instance) =>
      readSessions(database, app, { sinceMs, nowMs, instance: storableText(instance ?? '') || undefined }),
    dumpOf: (app, instance, crashUid) =>
      readDump(database, app, { instance: storableText(instance), crashUid: storableText(crashUid) }, now()),
    async addRequest(app, request) {
      const problem = await addRequest(database, app, request);
      openRequests.forget();
      return problem;
    },
    openRequests: (nowMs) => openRequests.read(nowMs),
    wantedCopies: (...given) => wantedCopies(database, given),
    addPiece: (key, ...given) => addPiece(database, [storableKey(key), ...given]),
    readPiece: (key, ...given) => readPiece(database, [storableKey(key), ...given]),
    changeCounters: (apps) => readChangeCounters(database, apps),
    async pruneSome(nowMs) {
      const forget: Parameters<typeof foldSome>[2] = (appId, groups) => batches.forgetGroups(appId, groups);
      // Counting the groups and instances of every app is too expensive for each step.
      if (Math.abs(nowMs - foldedMs) >= FOLD_EVERY_MS) {
        if (await foldSome(database, limits, forget, nowMs)) return true;
        foldedMs = nowMs;
      }
      if (Math.abs(nowMs - foldedGoneMs) >= FOLD_GONE_EVERY_MS) {
        if (await foldGone(database, nowMs - instanceRetentionMs)) return true;
        foldedGoneMs = nowMs;
      }
      return pruneSome(database, retentionMs, nowMs);
    },
    async ping() {
      // Begins like a write, so that it fails if writes fail.
      await database.writer.transaction().execute((transaction) => sql`select 1`.execute(transaction));
    },
    async close() {
      await queue.drained();
      await database.close();
    },
  };
  return withClearErrors(store, database.shownName);
}

const storableKey = (key: DumpKey): DumpKey => ({ ...key, instance: storableText(key.instance) });

/** With Citus, each app has its node: one that is gone or slow holds up no others. */
function laneOf({ dialect }: Database): ((records: readonly SentRecord[]) => string) | undefined {
  if (dialect !== 'citus') return undefined;
  return (records) => keyOf(...new Set(records.map(({ source }) => source.app)));
}

/** Turns every error into a CrashmonError. */
function withClearErrors<Store extends object>(store: Store, shownName: string): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]) => {
        try {
          return await Reflect.apply(member, target, given);
        } catch (error) {
          throw databaseFailure(shownName, error);
        }
      };
    },
  });
}
