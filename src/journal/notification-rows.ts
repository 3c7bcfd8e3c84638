import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { EndedRun } from '../model/run.ts';
import { putOutcome } from './receipts.ts';
import { toEndedRun } from './run-rows.ts';

/** Of unread news; the oldest make room, since the newest say the same. */
const MAX_NEWS = 5_000;
const READ_AT_ONCE = 500;
/** Of those that were delivered or dropped, for `crashmon status`. */
const KEPT_DELIVERIES = 100;

/** A crash or a capture that may cause a notification. */
export type News = {
  /** As of its public record; its digits from the 13th on are the run's id. */
  uid: string;
  /** Of the app. */
  version: string | null;
};

export type NewsRow = News & {
  seq: number;
  /** null for one that is no longer stored. */
  exit: EndedRun | null;
  /** Of a capture. */
  report: StoredReport | null;
};

export type StoredReport = {
  /** JSON of a RedactedReport; `privacy/` makes the value of it. */
  json: string;
  signatures: string[];
  title: string;
};

export type UnreadNews = { news: NewsRow[]; episodes: string[] };

/** What becomes of news, as JSON that `agent/notify` makes. */
export type NewsStep = {
  /** All that are open; they replace the previous ones. */
  episodes: { id: string; document: string }[];
  notifications: { id: string; document: string; deliveries: { recipient: string; document: string }[] }[];
};

/** Unread crashes and captures, open episodes, undelivered messages. */
export type PendingNotifications = { news: number; episodes: number; deliveries: number };

/** One message to one recipient. */
export type DeliveryRow = {
  seq: number;
  notificationId: string;
  /** `mail:ops@example.com`, `webhook:hooks.example.com`. */
  recipient: string;
  /** JSON of a Delivery of `notify/`. */
  document: string;
  /** The process that sends it, as in `agent/notify/owner`; null if none does. */
  owner: string | null;
};

export type Settled = Pick<DeliveryRow, 'document' | 'owner'> & {
  ended: boolean;
  /** For its receipt. */
  outcome?: string;
};

/** In the transaction of what the news are about. What is there already is left as it is. */
export function putNews(database: DatabaseSync, { uid, version }: News): void {
  const insert = "INSERT INTO news (uid, version, record) VALUES (?, ?, '') ON CONFLICT (uid) DO NOTHING";
  database.prepare(insert).run(uid, version);
  const prune = 'DELETE FROM news WHERE seq <= (SELECT max(seq) FROM news) - ?';
  database.prepare(prune).run(MAX_NEWS);
}

/** Cheap. */
export function countPending(database: DatabaseSync): PendingNotifications {
  const row = database
    .prepare(
      'SELECT (SELECT count(*) FROM news) AS news, (SELECT count(*) FROM episodes) AS episodes, ' +
        '(SELECT count(*) FROM deliveries WHERE ended = 0) AS deliveries',
    )
    .get();
  return {
    news: Number(row?.news),
    episodes: Number(row?.episodes),
    deliveries: Number(row?.deliveries),
  };
}

export function readUnread(database: DatabaseSync): UnreadNews {
  const news = database
    .prepare(
      'SELECT runs.*, news.seq AS news_seq, uid, version, report, signatures, title FROM news ' +
        'LEFT JOIN runs ON runs.id = news.run_id ' +
        "LEFT JOIN reports ON reports.run_id = news.run_id AND uid LIKE '%-c' ORDER BY news.seq LIMIT ?",
    )
    .all(READ_AT_ONCE)
    .map(toNews);
  return { news, episodes: readEpisodes(database) };
}

function readEpisodes(database: DatabaseSync): string[] {
  const rows = database.prepare('SELECT document FROM episodes ORDER BY id').all();
  return rows.map(({ document }) => String(document));
}

/** In a transaction. @returns false if the news or the episodes changed since they were read */
export function saveNewsStep(
  database: DatabaseSync,
  { news, episodes: before }: UnreadNews,
  { episodes, notifications }: NewsStep,
): boolean {
  const oldest = database.prepare('SELECT min(seq) AS seq FROM news').get()?.seq ?? null;
  const now = readEpisodes(database);
  const isSame = now.length === before.length && now.every((document, at) => document === before[at]);
  if (!isSame || (news[0] !== undefined && news[0].seq !== oldest)) return false;
  const newest = news.at(-1);
  if (newest !== undefined) database.prepare('DELETE FROM news WHERE seq <= ?').run(newest.seq);
  database.exec('DELETE FROM episodes');
  const keep = database.prepare('INSERT INTO episodes (id, document) VALUES (?, ?)');
  for (const { id, document } of episodes) keep.run(id, document);
  const note = database.prepare('INSERT INTO notices (id, document) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const hand = database.prepare(
    'INSERT INTO deliveries (notice_id, receiver, document) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const { id, document, deliveries } of notifications) {
    note.run(id, document);
    for (const delivery of deliveries) hand.run(id, delivery.recipient, delivery.document);
  }
  return true;
}

/** Oldest first. */
export function readDeliveries(database: DatabaseSync): DeliveryRow[] {
  return database.prepare(`${SELECT} ORDER BY seq`).all().map(toDelivery);
}

/** In a transaction. */
export function claimDelivery(
  database: DatabaseSync,
  pick: (open: readonly DeliveryRow[]) => DeliveryRow | null,
): DeliveryRow | null {
  const open = database.prepare(`${SELECT} WHERE ended = 0 ORDER BY seq`).all().map(toDelivery);
  const picked = pick(open);
  if (picked === null) return null;
  const sql = 'UPDATE deliveries SET document = ?, owner = ? WHERE seq = ?';
  database.prepare(sql).run(picked.document, picked.owner, picked.seq);
  return picked;
}

/** In a transaction. A delivery that is gone stays gone. */
export function settleDelivery(
  database: DatabaseSync,
  seq: number,
  settle: (row: DeliveryRow) => Settled,
): void {
  const row = database.prepare(`${SELECT} WHERE seq = ? AND ended = 0`).get(seq);
  if (row === undefined) return;
  const delivery = toDelivery(row);
  const { document, owner, ended, outcome } = settle(delivery);
  if (outcome !== undefined) putOutcome(database, delivery.notificationId, delivery.recipient, outcome);
  const sql = 'UPDATE deliveries SET document = ?, owner = ?, ended = ? WHERE seq = ?';
  database.prepare(sql).run(document, owner, ended ? 1 : 0, seq);
  const old = 'SELECT seq FROM deliveries WHERE ended = 1 ORDER BY seq DESC LIMIT -1 OFFSET ?';
  database.prepare(`DELETE FROM deliveries WHERE seq IN (${old})`).run(KEPT_DELIVERIES);
  database.exec('DELETE FROM notices WHERE id NOT IN (SELECT notice_id FROM deliveries)');
}

/** In a transaction. */
export function forgetNotifications(database: DatabaseSync): void {
  database.exec('DELETE FROM news; DELETE FROM episodes; DELETE FROM deliveries; DELETE FROM notices;');
}

const SELECT = 'SELECT seq, notice_id, receiver, document, owner FROM deliveries';

type Row = Record<string, SQLOutputValue>;

function toNews(row: Row): NewsRow {
  const { news_seq: seq, uid, version, died } = row;
  return {
    seq: Number(seq),
    uid: String(uid),
    version: version === null ? null : String(version),
    exit: died === null ? null : toEndedRun(row),
    report: toReport(row),
  };
}

function toReport({ report, signatures, title }: Row): StoredReport | null {
  if (typeof report !== 'string' || typeof signatures !== 'string') return null;
  return { json: report, signatures: JSON.parse(signatures), title: String(title) };
}

function toDelivery({ seq, notice_id: notificationId, receiver, document, owner }: Row): DeliveryRow {
  return {
    seq: Number(seq),
    notificationId: String(notificationId),
    recipient: String(receiver),
    document: String(document),
    owner: owner === null ? null : String(owner),
  };
}
