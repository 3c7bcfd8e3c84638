import type { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../model/instant.ts';
import type { ManualOverride, PolicyState } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import {
  type AgentRecord,
  type JournalIdentity,
  type JournalSettings,
  type MissedRuns,
  type NotifierDocument,
  type NotifyDocument,
  type NotifyState,
  readDocument,
  type StoredOverride,
  type UplinkDocument,
  type UplinkState,
} from './documents.ts';
import { SCHEMA_WITH_NOTIFICATIONS, SCHEMA_WITH_OUTBOX, schemaVersion } from './migrations.ts';
import {
  countPending,
  type DeliveryRow,
  type PendingNotifications,
  readDeliveries,
  readUnread,
  type UnreadNews,
} from './notification-rows.ts';
import { type OutboxTotals, readTotals } from './outbox.ts';
import { SELECT_EXITS, type StoredExit, toRun, toStoredExit } from './run-rows.ts';
import { journalFailure } from './sqlite-failure.ts';

/** The readable part of a journal. Every method throws CrashmonError and nothing else. */
export class JournalReader implements Disposable {
  protected readonly database: DatabaseSync;
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

  /** A new journal remembers no crash. `manual` is the newest override, of any process. */
  policyState(): PolicyState {
    return this.attempt(() => {
      const policy = readDocument(this.database, 'policy');
      const manual = readDocument(this.database, 'manual')?.override ?? null;
      return {
        crashes: policy?.crashes ?? [],
        lastCapture: policy?.lastCapture ?? null,
        manual,
        noCapture: policy?.noCapture ?? null,
      };
    });
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

  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected attempt<Result>(operation: () => Result): Result {
    try {
      return operation();
    } catch (error) {
      throw journalFailure(this.path, error);
    }
  }
}
