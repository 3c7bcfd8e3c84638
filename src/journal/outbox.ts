import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Outgoing, PublicRecord } from '../model/public-record.ts';

/** Limits of what waits for an unreachable receiver; beyond them the least valuable are dropped, oldest first. */
export const OUTBOX_LIMITS = { records: 10_000, bytes: 32 * 1024 * 1024 } as const;
export type OutboxLimits = { records: number; bytes: number };

/** A record that waits to be sent. */
export type WaitingRecord = {
  seq: number;
  uid: string;
  /** Version of the app it is about. */
  version: string | null;
  /** JSON of a PublicRecord; `privacy/` makes the value of it. */
  record: string;
  /** Downtime after the crash, to be added to its record; null if it is not known. */
  backAfterMs: number | null;
};

export type OutboxTotals = {
  records: number;
  bytes: number;
  /** Dropped records that no loss record has reported yet. */
  lost: number;
};

const EVICTED_AT_ONCE = 64;

/** Lowest first: what a later record repeats, then what is only counted, then what explains a crash. */
function evictionPriority(record: PublicRecord): number {
  switch (record.type) {
    case 'heartbeat':
      return 0;
    case 'state':
      return 1;
    case 'back':
      return 2;
    case 'crash':
      return record.captured ? 3 : 2;
    case 'capture':
      return 3;
    case 'loss':
      return 4;
  }
}

/**
 * Within the transaction of what the records are about. A record that waits already is left as it is. The report of a
 * capture must be stored.
 */
export function putOutgoing(database: DatabaseSync, outgoing: Outgoing, limits: OutboxLimits): void {
  if (outgoing.records.length === 0) return;
  const insert = database.prepare(
    'INSERT INTO outbox (uid, worth, version, record, report_of, bytes) VALUES (:uid, :worth, :version, :text, :reportOf, ' +
      'octet_length(:text) + coalesce((SELECT octet_length(report) FROM reports WHERE run_id = :reportOf), 0)) ' +
      'ON CONFLICT (uid) DO NOTHING',
  );
  for (const record of outgoing.records) {
    const isCapture = record.type === 'capture';
    const text = JSON.stringify(isCapture ? { ...record, report: undefined } : record);
    const reportOf = isCapture ? record.report.id : null;
    insert.run({
      uid: record.uid,
      worth: evictionPriority(record),
      version: outgoing.version,
      text,
      reportOf,
    });
  }
  evict(database, limits);
}

function evict(database: DatabaseSync, limits: OutboxLimits): void {
  const sql = 'DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY worth, seq LIMIT ?)';
  for (;;) {
    const { records, bytes } = readTotals(database);
    const tooMany = Math.max(0, records - limits.records);
    if (tooMany === 0 && bytes <= limits.bytes) return;
    const { changes } = database.prepare(sql).run(Math.min(Math.max(1, tooMany), EVICTED_AT_ONCE));
    if (changes === 0) return;
    addLost(database, Number(changes));
  }
}

export function readTotals(database: DatabaseSync): OutboxTotals {
  const row = database.prepare('SELECT records, bytes, lost FROM outbox_totals').get();
  return { records: Number(row?.records ?? 0), bytes: Number(row?.bytes ?? 0), lost: Number(row?.lost ?? 0) };
}

/** Oldest first; at least one, however big. */
export function readWaiting(
  database: DatabaseSync,
  most: { records: number; bytes: number },
): WaitingRecord[] {
  const waiting: WaitingRecord[] = [];
  let bytes = 0;
  const rows = database
    .prepare(
      'SELECT seq, uid, version, record, back_after_ms, bytes, report FROM outbox ' +
        'LEFT JOIN reports ON run_id = report_of ORDER BY seq LIMIT ?',
    )
    .iterate(most.records);
  for (const row of rows) {
    bytes += Number(row.bytes);
    if (waiting.length > 0 && bytes > most.bytes) break;
    waiting.push({
      seq: Number(row.seq),
      uid: String(row.uid),
      version: row.version === null ? null : String(row.version),
      record: withReport(String(row.record), row.report),
      backAfterMs: row.back_after_ms === null ? null : Number(row.back_after_ms),
    });
  }
  return waiting;
}

/** The report of a capture is stored once, in the table of reports. */
function withReport(record: string, report: SQLOutputValue | undefined): string {
  return typeof report === 'string' ? `${record.slice(0, -1)},"report":${report}}` : record;
}

/** Delivered records are not lost, even if they were dropped while they were being sent. */
export function removeDelivered(database: DatabaseSync, seqs: readonly number[]): void {
  noteOutcome(database, seqs, 'accepted');
  addLost(database, remove(database, seqs) - seqs.length);
}

/** Drops records that no receiver takes. */
export function removeRefused(database: DatabaseSync, seqs: readonly number[]): void {
  noteOutcome(database, seqs, 'rejected');
  // Those dropped meanwhile are counted already.
  addLost(database, remove(database, seqs));
}

/** Adds a record of how many were lost, once. */
export function putLoss(
  database: DatabaseSync,
  toOutgoing: (count: number) => Outgoing,
  limits: OutboxLimits,
): void {
  const { lost } = readTotals(database);
  if (lost <= 0) return;
  addLost(database, -lost);
  putOutgoing(database, toOutgoing(lost), limits);
}

/** @returns false if the crash's record no longer waits */
export function fillInBack(database: DatabaseSync, crashUid: string, backAfterMs: number): boolean {
  const sql = 'UPDATE outbox SET back_after_ms = ? WHERE uid = ?';
  return database.prepare(sql).run(backAfterMs, crashUid).changes === 1;
}

/** In their receipts: the newest of each record. */
function noteOutcome(database: DatabaseSync, seqs: readonly number[], outcome: string): void {
  const statement = database.prepare(
    'UPDATE sent SET outcome = ? WHERE seq = (SELECT max(seq) FROM sent WHERE uid = (SELECT uid FROM outbox WHERE seq = ?))',
  );
  for (const seq of seqs) statement.run(outcome, seq);
}

function remove(database: DatabaseSync, seqs: readonly number[]): number {
  const statement = database.prepare('DELETE FROM outbox WHERE seq = ?');
  return seqs.reduce((removed, seq) => removed + Number(statement.run(seq).changes), 0);
}

function addLost(database: DatabaseSync, count: number): void {
  if (count === 0) return;
  database.prepare('UPDATE outbox_totals SET lost = lost + ?').run(count);
}
