import type { Database } from '../database/database.ts';
import { storableText } from '../database/json-rows.ts';
import { lockApps, numberApps } from '../number-apps.ts';
import { findApp } from '../read/app-id.ts';
import { Announcer, type NotificationRules } from './announce.ts';
import { FairTurns } from './fair-turns.ts';
import { makeDigests } from './make-digests.ts';
import {
  countOutbox,
  pruneNotifications,
  readLog,
  readNewestEpisode,
  readNextDue,
} from './notification-log.ts';
import {
  addTarget,
  deleteTarget,
  readKey,
  readSettings,
  savePreferences,
  stopMail,
} from './notification-settings.ts';
import type { NotificationStore } from './notification-store.ts';
import { claimDue, reviveDelivery, settleDelivery } from './outbox.ts';
import type { OutboxSignal } from './outbox-signal.ts';
import { passTime } from './pass-time.ts';

export function notificationTables(
  database: Database,
  signal: OutboxSignal,
  rules: NotificationRules,
): NotificationStore {
  const { reader, writer } = database;
  const turns = { mail: new FairTurns(), webhook: new FairTurns() };
  return {
    passTime: (nowMs) => passTime(database, rules, nowMs),
    makeDigests: (nowMs) => makeDigests(database, rules, nowMs),
    claim: (wanted, nowMs) => claimDue(database, turns[wanted.type], wanted, nowMs),
    async settle({ appId, notificationId, targetId, attempt }, result, nowMs) {
      const sentence = result.outcome === 'delivered' ? result : { ...result, why: storableText(result.why) };
      await settleDelivery(
        database,
        { appId, notificationId, targetId },
        { attempt, result: sentence },
        nowMs,
      );
    },
    nextDueMs: () => readNextDue(database),
    outboxCounts: () => countOutbox(database),
    async log(app, limit) {
      const appId = await findApp(database, app);
      return appId === null ? [] : readLog(database, appId, limit);
    },
    async sendAgain(app, notificationId, targetId, nowMs) {
      const appId = await findApp(database, app);
      if (appId === null) return false;
      const revived = await reviveDelivery(
        database,
        { appId, notificationId: storableText(notificationId), targetId: storableText(targetId) },
        nowMs,
      );
      if (revived) signal.emit();
      return revived;
    },
    async addTest(app, targetIds, nowMs) {
      // Notifications can be set up for an app before its first record.
      await numberApps(database, new Set([app]));
      const appId = database.appIds.get(app) ?? 0;
      const added = await writer.transaction().execute(async (transaction) => {
        await lockApps(database, transaction, [appId]);
        const announcer = new Announcer(transaction, new Map([[appId, app]]), rules, nowMs);
        const all = announcer.recipientsOf(await announcer.settingsOf(appId));
        const recipients = all.filter(({ targetId }) => targetIds === null || targetIds.includes(targetId));
        if (recipients.length === 0) return null;
        const test = { appId, kind: 'test' as const, episodeId: null, signature: null };
        return announcer.insert(
          { ...test, body: { type: 'test' } },
          { how: 'send', atMs: nowMs },
          recipients,
        );
      });
      if (added !== null) signal.emit();
      return added;
    },
    settings: (app) => readSettings(reader, app),
    savePreferences: (app, preferences, by, nowMs) => savePreferences(writer, app, preferences, by, nowMs),
    addTarget: (app, target, by, nowMs) => addTarget(database, app, target, by, nowMs),
    removeTarget: (app, id) => deleteTarget(writer, app, storableText(id)),
    stopMail: (app, address, by, nowMs) => stopMail(database, app, address, by, nowMs),
    key: (name) => readKey(database, name),
    async newestVersion(app) {
      const appId = await findApp(database, app);
      if (appId === null) return null;
      const row = await reader
        .selectFrom('versions')
        .select('version')
        .where('app_id', '=', appId)
        .orderBy('last_seen', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.version ?? null;
    },
    async newestEpisode(app) {
      const appId = await findApp(database, app);
      return appId === null ? null : readNewestEpisode(database, appId);
    },
    prune: (nowMs) => pruneNotifications(database, nowMs),
  };
}
