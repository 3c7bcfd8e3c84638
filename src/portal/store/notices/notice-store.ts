import type { CrashKind } from '../../../model/exit.ts';
import type { EpisodeNotice } from '../../../notify/episode.ts';
import type { Notice } from '../../../notify/notice.ts';
import type { NoticePreferences } from '../../../notify/preferences.ts';
import type { Attempt, Delivery } from '../../../notify/retry.ts';
import type { WebhookPreset } from '../../../notify/webhook/webhook-target.ts';

/** An episode as it was when people were to be told of it. Times are those of who crashed. */
export type ToldEpisode = {
  id: string;
  signature: string;
  kind: CrashKind;
  crashes: number;
  instances: { count: number; names: string[] };
  version: string | null;
  /** The newest crash, and the newest that has a stack. */
  crashUid: string;
  reportUid: string | null;
  firstAtMs: number;
  lastAtMs: number;
  closedAtMs: number | null;
  returned: { afterMs: number; version: string | null } | null;
};

/** What a notice says, as far as it is not in the crashes that it names. */
export type NoticeBody =
  | { type: 'episode'; episode: ToldEpisode; spread: EpisodeNotice['spread'] }
  | {
      type: 'digest';
      fromMs: number;
      untilMs: number;
      /** The largest. */
      items: { kind: Notice['kind']; episode: ToldEpisode }[];
      /** Of all, not of the items alone; one that an older crashmon stored has none. */
      all?: { causes: number; crashes: number; open: number };
      /** The limit that held some of them back; null where none did. */
      perHour?: number | null;
    }
  | { type: 'test' };

/** Where notices of an app go. */
export type NoticeTarget = {
  id: string;
  type: 'mail' | 'webhook';
  /** The mail address or the webhook's whole address, which is a secret with many services: never shown. */
  address: string;
  preset: WebhookPreset | null;
  /** By which a webhook's messages are signed. */
  secret: string | null;
  createdAtMs: number;
  createdBy: string;
  /** Nothing is sent there any more: unsubscribed. */
  stoppedAtMs: number | null;
  stoppedBy: string | null;
};

export type NoticeSettings = {
  /** Nobody has chosen who is told of this app yet. */
  isDefault: boolean;
  preferences: NoticePreferences;
  /** Those that stopped too. */
  targets: NoticeTarget[];
};

/** One receiver of one notice, for who is about to send it. */
export type ClaimedDelivery = {
  appId: number;
  app: string;
  noticeId: string;
  targetId: string;
  type: 'mail' | 'webhook';
  /** A mail's receiver; of a webhook its host. */
  address: string;
  /** null where it is gone, or of a default receiver. */
  target: NoticeTarget | null;
  /** Which attempt it is. */
  attempt: number;
  kind: Notice['kind'];
  atMs: number;
  body: NoticeBody;
  preferences: NoticePreferences;
};

export type LoggedDelivery = Pick<Delivery, 'state' | 'attempts' | 'problem' | 'endedMs' | 'dueMs'> & {
  targetId: string;
  type: 'mail' | 'webhook';
  address: string;
};

export type LoggedNotice = {
  id: string;
  kind: Notice['kind'];
  atMs: number;
  how: 'send' | 'digest' | 'digested' | 'drop';
  dueMs: number;
  /** Why it was not sent. */
  why: string | null;
  signature: string | null;
  deliveries: LoggedDelivery[];
};

/** Begins the ids of deliveries to `--mail-to`, which have no target of the app's. */
export const DEFAULT_TARGET = 'default:';

/** The episodes, and the outbox of what people are told of them. All throw CrashmonError only. */
export type NoticeStore = {
  /** Time has passed: first notices that waited for a stack, ends of episodes. True while there is perhaps more. */
  passTime(nowMs: number): Promise<boolean>;
  /** Digests that are due. True while there is perhaps more. */
  makeDigests(nowMs: number): Promise<boolean>;
  /**
   * Some that are due, at most `limit`: apps and receivers take turns, and addresses in `busy` get none. Nobody else
   * gets them before their lease is over.
   */
  claim(
    wanted: { type: ClaimedDelivery['type']; limit: number; busy: ReadonlySet<string> },
    nowMs: number,
  ): Promise<ClaimedDelivery[]>;
  settle(
    delivery: Pick<ClaimedDelivery, 'appId' | 'noticeId' | 'targetId' | 'attempt'>,
    result: Attempt,
    nowMs: number,
  ): Promise<void>;
  /** When there is something to do at the earliest; null: nothing waits. */
  nextDueMs(): Promise<number | null>;
  /** How many wait to be sent, and how many were given up and are still in the log. */
  outboxCounts(): Promise<{ waiting: number; dead: number }>;
  log(app: string, limit: number): Promise<LoggedNotice[]>;
  /** Once more, from the beginning, what was given up. False where there is no such. */
  sendAgain(app: string, noticeId: string, targetId: string, nowMs: number): Promise<boolean>;
  /** Adds a test notice to these targets, or to all there are. @returns its id; null where nobody would get it. */
  addTest(app: string, targetIds: readonly string[] | null, nowMs: number): Promise<string | null>;
  settings(app: string): Promise<NoticeSettings>;
  savePreferences(app: string, preferences: NoticePreferences, by: string, nowMs: number): Promise<void>;
  /** One that is there already is taken up again. @returns null where there are too many */
  addTarget(
    app: string,
    target: Pick<NoticeTarget, 'type' | 'address' | 'preset' | 'secret'>,
    by: string,
    nowMs: number,
  ): Promise<NoticeTarget | null>;
  removeTarget(app: string, id: string): Promise<boolean>;
  /** Nothing goes to this address any more, default or not. */
  stopMail(app: string, address: string, by: string, nowMs: number): Promise<void>;
  /** A random key that all processes of the portal share, made at its first use. */
  key(name: string): Promise<string>;
  /** The newest version of the app that was seen. */
  newestVersion(app: string): Promise<string | null>;
  /** The newest episode of the app, for a preview; null where there was none. */
  newestEpisode(app: string): Promise<ToldEpisode | null>;
  /** Deletes some of what is older than the log is kept. True while there is more. */
  prune(nowMs: number): Promise<boolean>;
};
