import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type ReceiptTotals, readDocument, writeDocument } from './documents.ts';

/** Something about a crash that leaves the machine, as it is sent. */
export type Leaving = {
  /** Of the record or message. */
  uid: string;
  /** `app.crash`, `mail`, `webhook` … */
  what: string;
  /** IDs of the crashes that it describes. */
  crashes: readonly string[];
  /** Crashes of this time are in its numbers; null if it has no such numbers. */
  counted: { fromMs: number; untilMs: number } | null;
  /** Address without secrets. */
  destination: string;
  /** Without the source: JSON of a log record, body of a webhook, a whole mail. */
  content: string;
  /** JSON of the sender's attributes that go with it; null where the content has all. */
  source: string | null;
};

export type Receipt = Leaving & {
  firstAtMs: number;
  lastAtMs: number;
  /** How often it was sent. */
  times: number;
  /** Of content and source. */
  bytes: number;
  /** What the receiver said; null: no answer is known, it may have arrived. */
  outcome: string | null;
};

const RECEIPT_LIMITS = { rows: 2_000, bytes: 8 * 1024 * 1024 } as const;

type Others = ReadonlyMap<string, { count: number; bytes: number }>;

/** From now on what is sent has a receipt. In a transaction. */
export function beginReceipts(database: DatabaseSync): void {
  if (readTotals(database) !== null) return;
  const ended = database.prepare('SELECT 1 FROM runs WHERE died IS NOT NULL LIMIT 1').get();
  const isFromFirst = ended === undefined;
  writeDocument(database, 'receipts', { sinceMs: Date.now(), isFromFirst, withoutReceipt: 0, others: {} });
}

/** In a transaction, before it is sent. The same content to the same destination is one receipt. */
export function putReceipts(
  database: DatabaseSync,
  leaving: readonly Leaving[],
  {
    atMs,
    others = new Map(),
    withoutReceipt = 0,
  }: { atMs: number; others?: Others; withoutReceipt?: number },
): void {
  const again = database.prepare(
    'UPDATE sent SET times = times + 1, last_at = :atMs WHERE uid = :uid AND destination = :destination AND content = :content',
  );
  const first = database.prepare(
    'INSERT INTO sent (uid, what, crashes, from_at, until_at, destination, content, source, first_at, last_at, times, bytes) ' +
      'VALUES (:uid, :what, :crashes, :fromMs, :untilMs, :destination, :content, :source, :atMs, :atMs, 1, ' +
      'octet_length(:content) + coalesce(octet_length(:source), 0))',
  );
  for (const { uid, what, crashes, counted, destination, content, source } of leaving) {
    if (again.run({ atMs, uid, destination, content }).changes > 0) continue;
    first.run({
      ...{ uid, what, destination, content, source, atMs },
      crashes: JSON.stringify(crashes),
      fromMs: counted?.fromMs ?? null,
      untilMs: counted?.untilMs ?? null,
    });
  }
  const totals = readTotals(database) ?? { sinceMs: atMs, withoutReceipt: 0, others: {} };
  for (const [what, { count, bytes }] of others) {
    const before = totals.others[what] ?? { count: 0, bytes: 0 };
    totals.others[what] = { count: before.count + count, bytes: before.bytes + bytes };
  }
  totals.withoutReceipt += withoutReceipt;
  writeDocument(database, 'receipts', totals);
}

/** What the receiver said to the newest one. */
export function putOutcome(database: DatabaseSync, uid: string, destination: string, outcome: string): void {
  const sql =
    'UPDATE sent SET outcome = ? WHERE seq = (SELECT max(seq) FROM sent WHERE uid = ? AND destination = ?)';
  database.prepare(sql).run(outcome, uid, destination);
}

/** In the order in which they were first sent: those that describe the crash, and those that count it. */
export function readReceipts(database: DatabaseSync, crash: string, diedAtMs: number): Receipt[] {
  return database
    .prepare(
      'SELECT * FROM sent WHERE instr(crashes, ?) > 0 OR (from_at <= ? AND until_at >= ?) ORDER BY seq',
    )
    .all(`"${crash}"`, diedAtMs, diedAtMs)
    .map(toReceipt);
}

/** null before the first one. */
export function readTotals(database: DatabaseSync): ReceiptTotals | null {
  return readDocument(database, 'receipts');
}

/** Deletes the oldest beyond the limits. In a transaction; for idle moments. */
export function pruneReceipts(
  database: DatabaseSync,
  { rows, bytes }: { rows: number; bytes: number } = RECEIPT_LIMITS,
): void {
  const last = database
    .prepare(
      'SELECT max(seq) AS seq, max(last_at) AS at FROM (SELECT seq, last_at, sum(bytes) OVER later AS bytes, ' +
        'count(*) OVER later AS rows FROM sent WINDOW later AS (ORDER BY seq DESC)) WHERE bytes > ? OR rows > ?',
    )
    .get(bytes, rows);
  const totals = readTotals(database);
  if (last?.seq == null || totals === null) return;
  database.prepare('DELETE FROM sent WHERE seq <= ?').run(last.seq);
  writeDocument(database, 'receipts', { ...totals, deletedUntilMs: Number(last.at) });
}

function toReceipt(row: Record<string, SQLOutputValue>): Receipt {
  const isCounting = row.from_at !== null;
  return {
    uid: String(row.uid),
    what: String(row.what),
    crashes: JSON.parse(String(row.crashes)),
    counted: isCounting ? { fromMs: Number(row.from_at), untilMs: Number(row.until_at) } : null,
    destination: String(row.destination),
    content: String(row.content),
    source: row.source === null ? null : String(row.source),
    firstAtMs: Number(row.first_at),
    lastAtMs: Number(row.last_at),
    times: Number(row.times),
    bytes: Number(row.bytes),
    outcome: row.outcome === null ? null : String(row.outcome),
  };
}
