import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { ExitVerdict } from '../model/exit.ts';
import { type Impact, impactToken } from '../model/impact.ts';
import type { ManualOverride, PolicyState } from '../model/policy.ts';
import type { PlainProblem } from '../model/problem.ts';
import type { Outgoing } from '../model/public-record.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { EndedRun, Run } from '../model/run.ts';
import type { Session, SessionEnd, SessionProgress, SessionRecord } from '../model/session.ts';
import type { Group } from '../privacy/publish-crash.ts';
import { toCrashTimes } from './crash-times.ts';
import {
  type AgentRecord,
  deleteDocument,
  type JournalSettings,
  type NotifierDocument,
  type NotifyDocument,
  type NotifyState,
  readDocument,
  type StoredAnswer,
  type UplinkDocument,
  type UplinkState,
  writeDocument,
} from './documents.ts';
import { JournalReader } from './journal-reader.ts';
import {
  claimDelivery,
  type DeliveryRow,
  forgetNotifications,
  type News,
  type NewsStep,
  putNews,
  type Settled,
  saveNewsStep,
  settleDelivery,
  type UnreadNews,
} from './notification-rows.ts';
import {
  fillInBack,
  OUTBOX_LIMITS,
  putLoss,
  putOutgoing,
  readWaiting,
  removeDelivered,
  removeRefused,
  type WaitingRecord,
} from './outbox.ts';
import { pruneExits } from './prune-exits.ts';
import { beginReceipts, type Leaving, pruneReceipts, putReceipts } from './receipts.ts';
import { exitColumns, runColumns } from './run-rows.ts';
import { countKept, noteRefused } from './session-progress.ts';
import { putSession } from './write-session.ts';
import { writeTransaction } from './write-transaction.ts';

const KEPT_MISSED_IDS = 100;
/** A portal asks again within an hour at most. */
const KEPT_ANSWERS = 100;

/** What an exit or a report leaves for others, in its transaction: records to send, and news for the notifier. */
export type Publication = { outgoing?: Outgoing | undefined; news?: News | undefined };

/** How columns change that a report can have changed. */
const KEPT_COLUMNS: Readonly<Record<string, string>> = {
  captured: 'captured = max(captured, excluded.captured)',
  verdict:
    'verdict = CASE WHEN runs.id IN (SELECT run_id FROM reports) THEN runs.verdict ELSE excluded.verdict END',
};

type ReportDetails = Publication & {
  group?: Group | undefined;
  /** What the last words made of it. */
  verdict?: ExitVerdict;
};

/**
 * The agent's memory of one app and instance. Every method throws CrashmonError and nothing else, leaves nothing half
 * written when it does, and can be called again: the agent continues in memory meanwhile. Only `checkpoint()` waits for
 * the disk: a power failure can lose the last moments, never consistency.
 */
export class Journal extends JournalReader {
  /** Problems of opening it, in sentences. */
  readonly problems: readonly string[];
  #dirty = true;
  /** Since the last checkpoint. */
  #exits = 0;

  constructor(database: DatabaseSync, path: string, problems: readonly string[]) {
    super(database, path);
    this.problems = problems;
  }

  /** Before the launch: an orphan of a killed crashmon is found by its run id. */
  recordIntent(run: Run): void {
    this.#write(() => this.#put(runColumns(run)));
  }

  recordStarted(runId: string, pid: number, pidStartTicks: number | null): void {
    const sql = 'UPDATE runs SET pid = ?, pid_start_ticks = ? WHERE id = ?';
    this.#write(() => this.database.prepare(sql).run(pid, pidStartTicks, runId));
  }

  /** The launch failed: there was no such run. */
  forgetIntent(runId: string): void {
    const sql = 'DELETE FROM runs WHERE id = ? AND died IS NULL';
    this.#write(() => this.database.prepare(sql).run(runId));
  }

  /**
   * Exit and policy state in one transaction. Also stores a run whose start could not be stored. A captured exit uses
   * up an `armed` that was set manually before it.
   */
  recordExit(run: EndedRun, state: PolicyState, { outgoing, news }: Publication = {}): void {
    this.#exits += 1;
    this.#write(() => {
      this.#put(exitColumns(run));
      if (run.process.role === 'main') this.#moveToEnd(run.id);
      this.#publish({ outgoing, news });
      this.#savePolicy(state);
      if (run.captured && run.verdict.counted) this.#takeBackArmed(run.diedAt.wallMs);
    });
  }

  /**
   * The report of a captured exit, or with `verdict` of the last words of one that was not; repeatable. Leaves the
   * policy alone: the agent has changed it since.
   * @returns false, with nothing stored, for an exit that is not in the journal (never recorded, or pruned)
   */
  saveReport(
    runId: string,
    report: RedactedReport,
    { group, verdict, outgoing, news }: ReportDetails = {},
  ): boolean {
    return this.#write(() => {
      const row = this.database.prepare('SELECT id FROM runs WHERE id = ? AND died IS NOT NULL').get(runId);
      if (row === undefined) return false;
      this.database
        .prepare(
          'INSERT INTO reports (run_id, report, signatures, title) VALUES (?, ?, ?, ?) ON CONFLICT (run_id) ' +
            'DO UPDATE SET report = excluded.report, signatures = excluded.signatures, title = excluded.title',
        )
        .run(
          runId,
          JSON.stringify(report),
          group === undefined ? null : JSON.stringify(group.signatures),
          group?.title ?? null,
        );
      this.#publish({ outgoing, news });
      if (verdict === undefined) {
        const captured = 'UPDATE runs SET captured = 1, analysis_problem = NULL WHERE id = ?';
        this.database.prepare(captured).run(runId);
      } else {
        const revised = 'UPDATE runs SET verdict = ? WHERE id = ?';
        this.database.prepare(revised).run(JSON.stringify(verdict), runId);
      }
      return true;
    });
  }

  /** What is known of it only after the next start. */
  saveImpact(runId: string, impact: Impact): void {
    const sql = 'UPDATE runs SET impact = ? WHERE id = ? AND died IS NOT NULL';
    this.#write(() => this.database.prepare(sql).run(impactToken(impact), runId));
  }

  markAnalysisFailed(runId: string, problem: PlainProblem): void {
    const sql =
      'UPDATE runs SET analysis_problem = ? WHERE id = ? AND id NOT IN (SELECT run_id FROM reports)';
    this.#write(() => this.database.prepare(sql).run(problem, runId));
  }

  /** Stores all except `manual`, which the CLI writes. */
  savePolicyState(state: PolicyState): void {
    this.#write(() => this.#savePolicy(state));
  }

  /**
   * Counts the dump of a crash in a session: `allow` decides, `put` puts it in its place, both with the write lock held.
   * @returns false, with nothing stored, if it is not allowed
   */
  keepDump(
    crash: string,
    allow: (record: SessionRecord) => boolean,
    put: () => void,
    leaving: readonly Leaving[] = [],
  ): boolean {
    return this.#write(() => {
      const record = this.session();
      if (record === null || !allow(record)) return false;
      if (leaving.length > 0) putReceipts(this.database, leaving, { atMs: Date.now() });
      put();
      countKept(this.database, record, crash);
      return true;
    });
  }

  /** The dump of a crash was not kept. */
  refuseDump(refused: NonNullable<SessionProgress['refused']>): void {
    this.#write(() => {
      const record = this.session();
      if (record !== null) noteRefused(this.database, record, refused);
    });
  }

  saveSessionEnd(end: SessionEnd): void {
    this.#write(() => writeDocument(this.database, 'sessionEnd', end));
  }

  /** What the portal asked for, and the answer to it: both or neither, so that it is done once. */
  answerRequest(answer: StoredAnswer, done: { session?: Session; override?: ManualOverride } = {}): void {
    this.#write(() => {
      if (done.session !== undefined) putSession(this.database, done.session);
      if (done.override !== undefined)
        writeDocument(this.database, 'manual', { override: done.override, setAtMs: answer.atMs });
      const answers = readDocument(this.database, 'requestAnswers') ?? [];
      writeDocument(this.database, 'requestAnswers', [answer, ...answers].slice(0, KEPT_ANSWERS));
    });
  }

  saveSettings(settings: JournalSettings): void {
    this.#write(() => writeDocument(this.database, 'settings', settings));
  }

  saveAgent(agent: AgentRecord): void {
    this.#write(() => writeDocument(this.database, 'agent', agent));
  }

  /** Runs that ended unseen: adds to those of before. @param id with the same one it is added once */
  addMissed(count: number, atMs: number, id?: string): void {
    this.#write(() => {
      const { count: before, ids = [] } = readDocument(this.database, 'missed') ?? { count: 0 };
      if (id !== undefined && ids.includes(id)) return;
      const newest = id === undefined ? ids : [...ids, id].slice(-KEPT_MISSED_IDS);
      writeDocument(this.database, 'missed', { count: before + count, lastAtMs: atMs, ids: newest });
    });
  }

  /** Workers below a master that ended unseen. */
  addMissedWorkers(count: number, atMs: number): void {
    this.#write(() => {
      const before = readDocument(this.database, 'missedWorkers')?.count ?? 0;
      writeDocument(this.database, 'missedWorkers', { count: before + count, lastAtMs: atMs });
    });
  }

  /** null: from now on nothing is sent; what waits stays. */
  saveUplink(uplink: UplinkDocument | null): void {
    this.#write(() => {
      if (uplink === null) deleteDocument(this.database, 'uplink');
      else {
        writeDocument(this.database, 'uplink', uplink);
        beginReceipts(this.database);
      }
    });
  }

  saveUplinkState(state: UplinkState): void {
    this.#write(() => writeDocument(this.database, 'uplinkState', state));
  }

  /** null: no notifications from now on, and what waits is discarded: a message that is a week late is useless. */
  saveNotify(notify: NotifyDocument | null): void {
    this.#write(() => {
      if (notify !== null) {
        writeDocument(this.database, 'notify', notify);
        beginReceipts(this.database);
        return;
      }
      deleteDocument(this.database, 'notify');
      deleteDocument(this.database, 'notifyState');
      forgetNotifications(this.database);
    });
  }

  saveNotifier(notifier: NotifierDocument): void {
    this.#write(() => writeDocument(this.database, 'notifier', notifier));
  }

  saveNotifyState(state: NotifyState): void {
    this.#write(() => writeDocument(this.database, 'notifyState', state));
  }

  /**
   * Stores what was made of `unread`, all in one transaction: a crash is in a notification or among the news, never
   * both, never neither. Decide before: the agent's next exit waits for a transaction.
   * @returns false, with nothing stored, if another process handled them since
   */
  saveNewsStep(unread: UnreadNews, step: NewsStep): boolean {
    return this.#write(() => saveNewsStep(this.database, unread, step));
  }

  /** One delivery to send now, as `pick` returns it; null if it picks none. */
  claimDelivery(pick: (open: readonly DeliveryRow[]) => DeliveryRow | null): DeliveryRow | null {
    return this.#write(() => claimDelivery(this.database, pick));
  }

  settleDelivery(seq: number, settle: (row: DeliveryRow) => Settled): void {
    this.#write(() => settleDelivery(this.database, seq, settle));
  }

  /** Adds records to the outbox; repeatable. */
  enqueue(outgoing: Outgoing): void {
    this.#write(() => putOutgoing(this.database, outgoing, OUTBOX_LIMITS));
  }

  /** The oldest that wait, in order; at least one if any does. */
  waiting(most: { records: number; bytes: number }): WaitingRecord[] {
    return this.attempt(() => readWaiting(this.database, most));
  }

  /** Before something is sent: what of it is about crashes, and how much is not. */
  recordLeaving(leaving: readonly Leaving[], more: Parameters<typeof putReceipts>[2]): void {
    this.#write(() => putReceipts(this.database, leaving, more));
  }

  delivered(seqs: readonly number[]): void {
    this.#write(() => removeDelivered(this.database, seqs));
  }

  /** No receiver takes them: they are dropped and counted as lost. */
  refused(seqs: readonly number[]): void {
    this.#write(() => removeRefused(this.database, seqs));
  }

  /** Replaces dropped records by one that says how many they were. */
  enqueueLoss(toOutgoing: (count: number) => Outgoing): void {
    this.#write(() => putLoss(this.database, toOutgoing, OUTBOX_LIMITS));
  }

  /** @returns false if the crash's record no longer waits: then the downtime needs a separate record */
  fillInBack(crashUid: string, backAfterMs: number): boolean {
    return this.#write(() => fillInBack(this.database, crashUid, backAfterMs));
  }

  /**
   * For idle moments: deletes the oldest exits, moves the log into the database and waits for the disk. Does nothing if
   * nothing was written since.
   */
  checkpoint(): void {
    if (!this.#dirty) return;
    this.#write(() => {
      pruneExits(this.database, this.#exits);
      this.#exits = 0;
      pruneReceipts(this.database);
    });
    this.attempt(() => {
      const result = this.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
      if (result?.log !== result?.checkpointed) return;
      // The first write after a whole checkpoint restarts the log and waits for the disk once (sqlite/src/wal.c,
      // syncHeader). That should be this one and not the next exit. SQLite skips a write that changes nothing.
      writeTransaction(this.database, () => {
        const count = readDocument(this.database, 'checkpoints')?.count ?? 0;
        writeDocument(this.database, 'checkpoints', { count: count + 1 });
      });
      this.#dirty = false;
    });
  }

  #write<Result>(operation: () => Result): Result {
    return this.attempt(() => {
      const result = writeTransaction(this.database, operation);
      this.#dirty = true;
      return result;
    });
  }

  #publish({ outgoing, news }: Publication): void {
    if (outgoing !== undefined) putOutgoing(this.database, outgoing, OUTBOX_LIMITS);
    if (news !== undefined) putNews(this.database, news);
  }

  /** Inserts the run or updates the columns given; a known capture is kept, and the verdict that its report has. */
  #put(columns: Record<string, SQLInputValue>): void {
    const names = Object.keys(columns);
    const updates = names.map((name) => KEPT_COLUMNS[name] ?? `${name} = excluded.${name}`);
    const sql =
      `INSERT INTO runs (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')}) ` +
      `ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')}`;
    this.database.prepare(sql).run(columns);
  }

  /** Its row is as old as its start, and workers below it can have ended since: exits are in the order of their ends. */
  #moveToEnd(runId: string): void {
    const sql =
      'UPDATE runs SET seq = (SELECT max(seq) + 1 FROM runs) WHERE id = ? AND EXISTS ' +
      '(SELECT 1 FROM runs AS later WHERE later.seq > runs.seq AND later.process IS NOT NULL)';
    this.database.prepare(sql).run(runId);
  }

  #savePolicy({ crashes, lastCapture, noCapture }: PolicyState): void {
    writeDocument(this.database, 'policy', { crashTimes: toCrashTimes(crashes), lastCapture, noCapture });
  }

  #takeBackArmed(diedAtMs: number): void {
    const manual = readDocument(this.database, 'manual');
    if (manual?.override !== 'armed' || manual.setAtMs > diedAtMs) return;
    writeDocument(this.database, 'manual', { override: null, setAtMs: diedAtMs });
  }
}

/** That of an earlier session counts for nothing. */
