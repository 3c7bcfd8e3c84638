import type { Notification } from '../../../notify/notification.ts';
import type { NotifiedEpisode, StoredCrashNotification } from '../../../notify/notified-episode.ts';
import type { NotificationPreferences } from '../../../notify/preferences.ts';
import type { Attempt, Delivery } from '../../../notify/retry.ts';
import type { WebhookPreset } from '../../../notify/webhook/webhook-target.ts';

/** What a notification says beyond the crashes that it names. */
export type NotificationBody =
  | ({ type: 'episode' } & StoredCrashNotification)
  | {
      type: 'digest';
      fromMs: number;
      untilMs: number;
      /** The largest. */
      items: { kind: Notification['kind']; episode: NotifiedEpisode }[];
      /** Of all, not only of the items; absent in a digest that an older version stored. */
      all?: { causes: number; crashes: number; open: number };
      /** The hourly limit, where it held some of them back. */
      perHour?: number | null;
    }
  | { type: 'test' };

/** A recipient of an app's notifications. */
export type NotificationTarget = {
  id: string;
  type: 'mail' | 'webhook';
  /** The mail address or the webhook's whole address, which is a secret with many services: never shown. */
  address: string;
  preset: WebhookPreset | null;
  /** Signs a webhook's messages. */
  secret: string | null;
  createdAtMs: number;
  createdBy: string;
  /** Unsubscribed: nothing is sent there any more. */
  stoppedAtMs: number | null;
  stoppedBy: string | null;
};

export type NotificationSettings = {
  /** No recipients were chosen for this app yet: the portal's default ones apply. */
  isDefault: boolean;
  preferences: NotificationPreferences;
  /** Unsubscribed ones too. */
  targets: NotificationTarget[];
};

/** One notification to one recipient, claimed for sending. */
export type ClaimedDelivery = {
  appId: number;
  app: string;
  notificationId: string;
  targetId: string;
  type: 'mail' | 'webhook';
  /** The mail address, or the webhook's host. */
  address: string;
  /** null where it was removed, and for a default recipient. */
  target: NotificationTarget | null;
  /** Which attempt it is. */
  attempt: number;
  kind: Notification['kind'];
  atMs: number;
  body: NotificationBody;
  preferences: NotificationPreferences;
};

export type LoggedDelivery = Pick<Delivery, 'state' | 'attempts' | 'problem' | 'endedMs' | 'dueMs'> & {
  targetId: string;
  type: 'mail' | 'webhook';
  address: string;
};

export type LoggedNotification = {
  id: string;
  kind: Notification['kind'];
  atMs: number;
  how: 'send' | 'digest' | 'digested' | 'drop';
  dueMs: number;
  /** Why it was not sent. */
  why: string | null;
  signature: string | null;
  deliveries: LoggedDelivery[];
};

/** Prefix of the ids of deliveries to `--mail-to`, which have no recipient of the app's own. */
export const DEFAULT_TARGET = 'default:';

/** The episodes, and the outbox of their notifications. All throw CrashmonError only. */
export type NotificationStore = {
  /** First notifications that waited for a stack, ends of episodes. True while there may be more. */
  passTime(nowMs: number): Promise<boolean>;
  /** Digests that are due. True while there may be more. */
  makeDigests(nowMs: number): Promise<boolean>;
  /**
   * Some that are due, at most `limit`: apps and recipients take turns, and addresses in `busy` get none. No other
   * process gets them before their lease is over.
   */
  claim(
    wanted: { type: ClaimedDelivery['type']; limit: number; busy: ReadonlySet<string> },
    nowMs: number,
  ): Promise<ClaimedDelivery[]>;
  settle(
    delivery: Pick<ClaimedDelivery, 'appId' | 'notificationId' | 'targetId' | 'attempt'>,
    result: Attempt,
    nowMs: number,
  ): Promise<void>;
  /** When the next thing is due; null: nothing waits. */
  nextDueMs(): Promise<number | null>;
  /** How many wait to be sent, and how many were dropped and are still in the log. */
  outboxCounts(): Promise<{ waiting: number; dead: number }>;
  log(app: string, limit: number): Promise<LoggedNotification[]>;
  /** Sends a dropped delivery again, from the first attempt. False where there is none. */
  sendAgain(app: string, notificationId: string, targetId: string, nowMs: number): Promise<boolean>;
  /** Adds a test notification to these recipients, or to all. @returns its id; null without recipients */
  addTest(app: string, targetIds: readonly string[] | null, nowMs: number): Promise<string | null>;
  settings(app: string): Promise<NotificationSettings>;
  savePreferences(
    app: string,
    preferences: NotificationPreferences,
    by: string,
    nowMs: number,
  ): Promise<void>;
  /** An existing one is subscribed again. @returns null where there are too many */
  addTarget(
    app: string,
    target: Pick<NotificationTarget, 'type' | 'address' | 'preset' | 'secret'>,
    by: string,
    nowMs: number,
  ): Promise<NotificationTarget | null>;
  removeTarget(app: string, id: string): Promise<boolean>;
  /** Nothing goes to this address any more, default or not. */
  stopMail(app: string, address: string, by: string, nowMs: number): Promise<void>;
  /** A random key that all processes of the portal share, made at first use. */
  key(name: string): Promise<string>;
  /** The newest version of the app that was seen. */
  newestVersion(app: string): Promise<string | null>;
  /** The newest episode of the app, for a preview; null where there was none. */
  newestEpisode(app: string): Promise<NotifiedEpisode | null>;
  /** Deletes some log entries that are too old. True while there are more. */
  prune(nowMs: number): Promise<boolean>;
};
