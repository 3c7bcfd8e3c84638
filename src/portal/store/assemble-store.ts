import { sql } from 'kysely';
import { accessTables } from './access/access-tables.ts';
import type { Database } from './database/database.ts';
import { databaseFailure } from './database/database-failure.ts';
import { storableText } from './database/json-rows.ts';
import { foldSome } from './fold/fold-some.ts';
import { APP_LIMITS, type AppLimits, DAY_MS, MINUTE_MS } from './limits.ts';
import { notificationTables } from './notifications/notification-tables.ts';
import { OutboxSignal } from './notifications/outbox-signal.ts';
import type { PortalStore } from './portal-store.ts';
import { pruneSome } from './prune.ts';
import { listApps, readChangeCounters } from './read/apps.ts';
import { listCrashes, readCrash } from './read/crashes.ts';
import { readFleet } from './read/fleet.ts';
import { listInstances, readInstance, readInstanceDays, readStateChanges } from './read/instances.ts';
import { listSignatures, readSignature, writeToSignature } from './read/signatures.ts';
import { readCauses, readTimeline } from './read/timeline.ts';
import { BatchWriter } from './write/write-batch.ts';
import { WriteQueue } from './write/write-queue.ts';

const FOLD_EVERY_MS = 5 * MINUTE_MS;

/** The store over a database whose schema is current. */
export function assembleStore(
  database: Database,
  retentionDays: number,
  now: () => number,
  mailTo: readonly string[] = [],
  limits: AppLimits = APP_LIMITS,
): PortalStore {
  const retentionMs = retentionDays * DAY_MS;
  const signal = new OutboxSignal();
  const rules = { mailTo, perHour: limits.notificationsPerHour };
  const batches = new BatchWriter(database, retentionMs, now, { signal, rules }, limits);
  const queue = new WriteQueue((calls) => batches.store(calls));
  let foldedMs = Number.NEGATIVE_INFINITY;
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
    changeCounters: (apps) => readChangeCounters(database, apps),
    async pruneSome(nowMs) {
      const forget: Parameters<typeof foldSome>[2] = (appId, groups) => batches.forgetGroups(appId, groups);
      // Counting the groups and instances of every app is too expensive for each step.
      if (Math.abs(nowMs - foldedMs) >= FOLD_EVERY_MS) {
        if (await foldSome(database, limits, forget, nowMs)) return true;
        foldedMs = nowMs;
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
