import type { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../model/instant.ts';
import type { ManualOverride, PolicyState } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { SessionRecord } from '../model/session.ts';
import { fromCrashTimes } from './crash-times.ts';
import {
  type AgentRecord,
  type JournalIdentity,
  type JournalSettings,
  type MissedRuns,
  type NotifierDocument,
  type NotifyDocument,
  type NotifyState,
  type ReceiptTotals,
  readDocument,
  type StoredAnswer,
  type StoredOverride,
  type UplinkDocument,
  type UplinkState,
} from './documents.ts';
import {
  SCHEMA_WITH_NOTIFICATIONS,
  SCHEMA_WITH_OUTBOX,
  SCHEMA_WITH_RECEIPTS,
  schemaVersion,
} from './migrations.ts';
import {
  countPending,
  type DeliveryRow,
  type PendingNotifications,
  readDeliveries,
  readUnread,
  type UnreadNews,
} from './notification-rows.ts';
import { type OutboxTotals, readTotals } from './outbox.ts';
import { type Receipt, readReceipts, readTotals as readReceiptTotals } from './receipts.ts';
import { SELECT_EXITS, type StoredExit, toRun, toStoredExit } from './run-rows.ts';
import { journalFailure } from './sqlite-failure.ts';

/** The readable part of a journal. Every method throws CrashmonError and nothing else. */
export class JournalReader implements Disposable {
  protected database: DatabaseSync;
  protected readonly path: string;

  constructor(database: DatabaseSync, path: string) {
    this.database = database;
    this.path = path;
  }

  identity(): JournalIdentity | null {
    return this.attempt(() => readDocument(this.database, 'identity'));
  }

  settings(): JournalSettings | null {
    return this.attempt(() => readDocument(this.database, 'settings'));
  }

  missed(): MissedRuns | null {
    return this.attempt(() => readDocument(this.database, 'missed'));
  }

  missedWorkers(): MissedRuns | null {
    return this.attempt(() => readDocument(this.database, 'missedWorkers'));
  }

  agent(): AgentRecord | null {
    return this.attempt(() => readDocument(this.database, 'agent'));
  }

  /** null if nothing is sent. */
  uplink(): UplinkDocument | null {
    return this.attempt(() => readDocument(this.database, 'uplink'));
  }

  uplinkState(): UplinkState | null {
    return this.attempt(() => readDocument(this.database, 'uplinkState'));
  }

  /** What waits to be sent; nothing in a journal of an older crashmon. */
  outboxTotals(): OutboxTotals {
    return this.attempt(() =>
      schemaVersion(this.database) < SCHEMA_WITH_OUTBOX
        ? { records: 0, bytes: 0, lost: 0 }
        : readTotals(this.database),
    );
  }

  /** null without recipients. */
  notify(): NotifyDocument | null {
    return this.attempt(() => readDocument(this.database, 'notify'));
  }

  notifyState(): NotifyState | null {
    return this.attempt(() => readDocument(this.database, 'notifyState'));
  }

  notifier(): NotifierDocument | null {
    return this.attempt(() => readDocument(this.database, 'notifier'));
  }

  /** Messages that wait, and the newest that were delivered or dropped; oldest first. */
  deliveries(): DeliveryRow[] {
    return this.attempt(() =>
      schemaVersion(this.database) < SCHEMA_WITH_NOTIFICATIONS ? [] : readDeliveries(this.database),
    );
  }

  /** The JSON text of a notification; null if there is none. */
  notification(id: string): string | null {
    return this.attempt(() => {
      const row = this.database.prepare('SELECT document FROM notices WHERE id = ?').get(id);
      return row === undefined ? null : String(row.document);
    });
  }

  /** The oldest news, and all open episodes. */
  unreadNews(): UnreadNews {
    return this.attempt(() => readUnread(this.database));
  }

  /** What the notifier has to do. */
  pendingNotifications(): PendingNotifications {
    return this.attempt(() =>
      schemaVersion(this.database) < SCHEMA_WITH_NOTIFICATIONS
        ? { news: 0, episodes: 0, deliveries: 0 }
        : countPending(this.database),
    );
  }

  /** When the run after this one was started; null if there is none yet. */
  nextStart(runId: string): Instant | null {
    return this.attempt(() => {
      const sql =
        'SELECT started FROM runs WHERE seq > (SELECT seq FROM runs WHERE id = ?) AND pid IS NOT NULL ORDER BY seq LIMIT 1';
      const row = this.database.prepare(sql).get(runId);
      return row === undefined ? null : JSON.parse(String(row.started));
    });
  }

  /** A new journal remembers no crash. `manual` and `session` are the newest, of any process. */
  policyState(): PolicyState {
    return this.attempt(() => {
      const policy = readDocument(this.database, 'policy');
      const manual = readDocument(this.database, 'manual')?.override ?? null;
      const session = this.#session();
      return {
        crashes: policy?.crashes ?? fromCrashTimes(policy?.crashTimes ?? []),
        lastCapture: policy?.lastCapture ?? null,
        manual,
        noCapture: policy?.noCapture ?? null,
        ...(session === null ? {} : { session }),
      };
    });
  }

  /** The newest session; null if there was none. */
  session(): SessionRecord | null {
    return this.attempt(() => this.#session());
  }

  /** Directories in which there can be dumps. */
  dumpStores(): string[] {
    return this.attempt(() => readDocument(this.database, 'dumpStores') ?? []);
  }

  /** Newest first. */
  requestAnswers(): StoredAnswer[] {
    return this.attempt(() => readDocument(this.database, 'requestAnswers') ?? []);
  }

  manual(): StoredOverride | null {
    return this.attempt(() => readDocument(this.database, 'manual'));
  }

  /** Cheap: read it before each decision, because the CLI changes it. */
  manualOverride(): ManualOverride {
    return this.manual()?.override ?? null;
  }

  /**
   * Runs without a recorded exit, oldest first: the one that runs, and those that ended while crashmon was not running.
   */
  openRuns(): Run[] {
    return this.attempt(() =>
      this.database.prepare('SELECT * FROM runs WHERE died IS NULL ORDER BY seq').all().map(toRun),
    );
  }

  /** The newest of the main process; null if there is none. */
  lastMainExit(): StoredExit | null {
    return this.attempt(() => {
      const row = this.database
        .prepare(`${SELECT_EXITS} AND process IS NULL ORDER BY seq DESC LIMIT 1`)
        .get();
      return row === undefined ? null : toStoredExit(row);
    });
  }

  /** Newest first. */
  exits({ limit }: { limit: number }): StoredExit[] {
    return this.attempt(() =>
      this.database.prepare(`${SELECT_EXITS} ORDER BY seq DESC LIMIT ?`).all(limit).map(toStoredExit),
    );
  }

  /** Exits whose id starts with `prefix`, newest first, at most two: enough to distinguish none, one and several. */
  exitsByPrefix(prefix: string): StoredExit[] {
    return this.attempt(() =>
      this.database
        .prepare(`${SELECT_EXITS} AND id GLOB ? ORDER BY seq DESC LIMIT 2`)
        .all(`${prefix.replaceAll(/[^0-9a-f]/g, '')}*`)
        .map(toStoredExit),
    );
  }

  newestReported(): StoredExit | null {
    return this.attempt(() => {
      const sql = `${SELECT_EXITS} AND id IN (SELECT run_id FROM reports) ORDER BY seq DESC LIMIT 1`;
      const row = this.database.prepare(sql).get();
      return row === undefined ? null : toStoredExit(row);
    });
  }

  /** The JSON text of the RedactedReport; `privacy/` makes the value of it. null if there is none. */
  report(id: string): string | null {
    return this.attempt(() => {
      const row = this.database.prepare('SELECT report FROM reports WHERE run_id = ?').get(id);
      return row === undefined ? null : String(row.report);
    });
  }

  /** The group that was sent with the report; null if none was stored: of an older crashmon, or no crash. */
  groupOf(id: string): { values: string[]; title: string } | null {
    return this.attempt(() => {
      // An older journal has no such columns.
      const row = this.database.prepare('SELECT * FROM reports WHERE run_id = ?').get(id);
      const { signatures, title } = row ?? {};
      if (typeof signatures !== 'string' || typeof title !== 'string') return null;
      return { values: (JSON.parse(signatures) as unknown[]).map(String), title };
    });
  }

  /** What was sent about a crash; nothing in a journal of an older crashmon. */
  receipts(crash: string, diedAtMs: number): Receipt[] {
    return this.attempt(() => (this.#hasReceipts() ? readReceipts(this.database, crash, diedAtMs) : []));
  }

  /** null before the first one. */
  receiptTotals(): ReceiptTotals | null {
    return this.attempt(() => readReceiptTotals(this.database));
  }

  /** Of a crash: how many records wait to be sent. */
  waitingAbout(crash: string): number {
    return this.attempt(() => {
      if (schemaVersion(this.database) < SCHEMA_WITH_OUTBOX) return 0;
      const row = this.database
        .prepare('SELECT count(*) AS waiting FROM outbox WHERE substr(uid, 13, 12) = ?')
        .get(crash);
      return Number(row?.waiting ?? 0);
    });
  }

  #hasReceipts(): boolean {
    return schemaVersion(this.database) >= SCHEMA_WITH_RECEIPTS;
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #session(): SessionRecord | null {
    const session = readDocument(this.database, 'session');
    if (session === null) return null;
    return {
      session,
      progress: readDocument(this.database, 'sessionProgress'),
      end: readDocument(this.database, 'sessionEnd'),
    };
  }

  protected attempt<Result>(operation: () => Result): Result {
    try {
      return operation();
    } catch (error) {
      throw journalFailure(this.path, error);
    }
  }
}
