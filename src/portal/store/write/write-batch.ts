import { sql } from 'kysely';
import { type CrashFacts, factsOfExit } from '../../../model/crash-facts.ts';
import type { RedactedReport } from '../../../model/redacted-report.ts';
import type { CrashRecord, SentRecord } from '../../../model/telemetry.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { type AppLimits, DAY_MS, OTHER_INSTANCE } from '../limits.ts';
import { Announcer, type NotificationRules } from '../notifications/announce.ts';
import type { FollowedCrash } from '../notifications/episode-batch.ts';
import { followCrashes } from '../notifications/follow-crashes.ts';
import type { OutboxSignal } from '../notifications/outbox-signal.ts';
import type { Stored } from '../portal-store.ts';
import { attachable, findingOf, takeFrom, updateBack, updateCaptured } from './attach.ts';
import { type Batch, keyOf, sortOut } from './batch.ts';
import { type CrashRow, insertCrashes, signalOf } from './crash-rows.ts';
import { decodeStatus, encodeStatus } from './encode.ts';
import { causeIn, ofGroup } from './group-cause.ts';
import { InstanceRoom } from './instance-room.ts';
import { findCrashes } from './known-crashes.ts';
import { lockApps, numberApps } from './number-apps.ts';
import { keepPending, takePending } from './pending.ts';
import { KnownGroups, resolveGroups } from './resolve-groups.ts';
import { type GroupUse, joinGroups, leaveGroups } from './store-groups.ts';
import { storeInstances } from './store-instances.ts';
import { storeReports, type UsedReport } from './store-reports.ts';
import { type Counted, Tally } from './tally.ts';

/** Stores batches of records: rows, counts and everything that follows from them, each batch in one transaction. */
export class BatchWriter {
  readonly #database: Database;
  readonly #retentionMs: number;
  readonly #now: () => number;
  readonly #notifications: { signal: OutboxSignal; rules: NotificationRules };
  readonly #limits: AppLimits;
  readonly #room: InstanceRoom;
  readonly #groups = new KnownGroups();

  constructor(
    database: Database,
    retentionMs: number,
    now: () => number,
    notifications: { signal: OutboxSignal; rules: NotificationRules },
    limits: AppLimits,
  ) {
    this.#limits = limits;
    this.#room = new InstanceRoom(limits.instances);
    this.#database = database;
    this.#retentionMs = retentionMs;
    this.#now = now;
    this.#notifications = notifications;
  }

  /** Groups that were folded into another: what leads to them is looked up again. */
  forgetGroups(appId: number, groups: ReadonlySet<string>): void {
    this.#groups.forget(appId, groups);
  }

  /** All calls or, when it throws, none. */
  async store(calls: readonly (readonly SentRecord[])[]): Promise<Stored[]> {
    const { appIds } = this.#database;
    const names = new Set(calls.flatMap((records) => records.map(({ source }) => source.app)));
    await numberApps(this.#database, names);
    const apps = new Map([...names].map((name) => [appIds.get(name) ?? 0, name]));
    const nowMs = this.#now();
    const batch = sortOut(calls, appIds, nowMs, this.#retentionMs);
    const times = batch.crashes.map(({ atMs }) => atMs);
    if (times.length > 0) {
      const first = times.reduce((least, atMs) => Math.min(least, atMs));
      const last = times.reduce((most, atMs) => Math.max(most, atMs));
      await this.#database.prepareFor(first, last + DAY_MS);
    }
    const { learned, isTold } = await this.#database.writer
      .transaction()
      .execute((transaction) => this.#storeBatch(transaction, batch, apps, nowMs));
    this.#groups.add(learned);
    if (isTold) this.#notifications.signal.emit();
    return batch.stored;
  }

  async #storeBatch(
    transaction: WriteTransaction,
    batch: Batch,
    apps: ReadonlyMap<number, string>,
    nowMs: number,
  ): Promise<{ learned: Map<string, string>; isTold: boolean }> {
    const { dialect } = this.#database;
    await lockApps(this.#database, transaction, [...apps.keys()]);
    await this.#dropClampedAgain(transaction, batch);
    await takePending(dialect, transaction, batch, apps);

    const drafts = batch.crashes.map((crash) => {
      const status = encodeStatus(crash.record.status);
      const capture = takeFrom(batch.captures, crash.appId, crash.record.uid);
      const back = takeFrom(batch.backs, crash.appId, crash.record.uid);
      const finding =
        capture === undefined
          ? { exceptionType: null, code: null, signal: signalOf(crash.record), report: null }
          : findingOf(capture.record, status);
      return { crash, capture, back, finding, status };
    });
    const late = await attachable(dialect, transaction, batch);
    const withoutRoom = await this.#room.withoutRoom(dialect, transaction, [
      ...[...batch.crashes, ...batch.states, ...batch.heartbeats, ...batch.losses],
      ...late.captures.map(({ crash }) => ({ appId: crash.app_id, instance: crash.instance })),
    ]);
    const placeOf = ({ appId, instance }: { appId: number; instance: string }): string =>
      withoutRoom.size > 0 && withoutRoom.has(keyOf(appId, instance)) ? OTHER_INSTANCE : instance;
    const captured = drafts.filter(({ capture }) => capture !== undefined);
    const { groups, learned } = await resolveGroups(
      dialect,
      transaction,
      this.#groups,
      [
        ...drafts.map(({ crash, capture }) => ({
          ...crash,
          kind: crash.record.kind,
          signatures: (capture ?? crash).record.signatures,
        })),
        ...late.captures.map(({ crash, capture }) => ({
          ...capture,
          kind: crash.kind,
          signatures: capture.record.signatures,
        })),
        // Where they would be without their stack.
        ...captured.map(({ crash }) => ({
          ...crash,
          kind: crash.record.kind,
          signatures: crash.record.signatures,
        })),
      ],
      this.#limits.signatures,
    );
    const stackless = new Map(
      captured.map((draft, index) => [
        draft.crash,
        groups[drafts.length + late.captures.length + index] ?? '',
      ]),
    );
    const rows = drafts.map(
      (draft, index): CrashRow => ({
        crash: draft.crash,
        finding: draft.finding,
        signature: groups[index] ?? '',
        cause: causeIn(groups[index] ?? '', draft.crash.record.kind, draft.status, draft.finding),
        backAfterMs: draft.crash.record.backAfterMs ?? draft.back?.record.backAfterMs ?? null,
      }),
    );
    const inserted = await insertCrashes(dialect, transaction, rows);
    const tally = new Tally(nowMs, this.#retentionMs);
    const used: UsedReport[] = [];
    const uses: GroupUse[] = [];
    const causes = new Map<string, Cell[]>();
    const newRows = rows.filter(({ crash }) =>
      inserted.has(keyOf(crash.appId, crash.record.uid, crash.atMs)),
    );
    const isNew = new Set(newRows);
    rows.forEach((row, index) => {
      const { crash, finding } = row;
      const draft = drafts[index];
      const stored = batch.stored[crash.call];
      if (!isNew.has(row)) {
        if (stored !== undefined) stored.duplicates++;
        // The crash is older than this batch: its capture and return are attached below.
        const key = keyOf(crash.appId, crash.record.uid);
        if (draft?.capture !== undefined) batch.captures.set(key, draft.capture);
        if (draft?.back !== undefined) batch.backs.set(key, draft.back);
        return;
      }
      if (stored !== undefined) stored.crashes++;
      tally.add({ ...countedOf(row), instance: placeOf(crash) });
      noteCause(
        causes,
        crash.appId,
        row.cause,
        crash.record.kind,
        encodeStatus(crash.record.status),
        ofGroup(row.signature, finding),
      );
      uses.push({
        appId: crash.appId,
        id: row.signature,
        facts: factsOf(crash.record, draft?.capture?.record.report),
        signatures: (draft?.capture ?? crash).record.signatures,
        atMs: crash.atMs,
      });
      if (finding.report !== null)
        used.push({ appId: crash.appId, atMs: crash.atMs, report: finding.report });
    });

    const lateGroups = groups.slice(drafts.length, drafts.length + late.captures.length);
    const again = await attachable(dialect, transaction, batch);
    const regrouped = await resolveGroups(
      dialect,
      transaction,
      this.#groups,
      [
        ...again.captures.map(({ crash, capture }) => ({
          ...capture,
          kind: crash.kind,
          signatures: capture.record.signatures,
        })),
      ],
      this.#limits.signatures,
    );
    for (const [key, group] of regrouped.learned) learned.set(key, group);
    const attached = [...late.captures, ...again.captures].map((capture, index) => {
      const signature = [...lateGroups, ...regrouped.groups][index] ?? '';
      const { crash, finding } = capture;
      return { ...capture, signature, cause: causeIn(signature, crash.kind, crash.status, finding) };
    });
    await updateCaptured(dialect, transaction, attached);
    await updateBack(dialect, transaction, [...late.backs, ...again.backs]);
    for (const { crash, capture, finding, cause, signature } of attached) {
      const instance = placeOf({ appId: crash.app_id, instance: crash.instance });
      const before: Counted = { ...crash, instance, appId: crash.app_id, atMs: crash.at };
      tally.move(before, { ...before, signature, cause });
      noteCause(causes, crash.app_id, cause, crash.kind, crash.status, ofGroup(signature, finding));
      uses.push({
        appId: crash.app_id,
        id: signature,
        facts: factsOf({ kind: crash.kind, status: decodeStatus(crash.status) }, capture.record.report),
        signatures: capture.record.signatures,
        atMs: crash.at,
      });
      used.push({ appId: crash.app_id, atMs: crash.at, report: finding.report });
    }
    await keepPending(dialect, transaction, batch);
    await storeReports(dialect, transaction, used);
    const announcer = new Announcer(transaction, apps, this.#notifications.rules, nowMs);
    const followed = [
      ...newRows.map((row) => followedOf(row, stackless.get(row.crash))),
      ...attached.map(
        ({ crash, signature }): FollowedCrash => ({
          ...crash,
          ...{
            appId: crash.app_id,
            atMs: crash.at,
            group: crash.signature,
            stackGroup: signature,
            isNew: false,
          },
        }),
      ),
    ];
    const isTold = await followCrashes(dialect, transaction, announcer, apps, followed, nowMs);
    await joinGroups(dialect, transaction, uses, nowMs);
    await leaveGroups(
      transaction,
      attached.map(({ crash }) => ({ appId: crash.app_id, id: crash.signature, atMs: crash.at })),
    );
    await tally.store(dialect, transaction);
    await this.#storeCauses(transaction, [...causes.values()]);
    await this.#storeVersions(transaction, batch, nowMs);
    await storeInstances(
      dialect,
      transaction,
      batch,
      newRows.map(({ crash }) => crash),
      placeOf,
      nowMs,
    );
    await this.#touchApps(transaction, apps, newRows, nowMs);
    return { learned, isTold };
  }

  /** A time that was not believed is another one each time it is sent: those are told by their uid alone. */
  async #dropClampedAgain(transaction: WriteTransaction, batch: Batch): Promise<void> {
    const clamped = batch.crashes.filter((crash) => crash.clamped);
    if (clamped.length === 0) return;
    const keys = clamped.map(({ appId, record }) => [appId, record.uid]);
    const known = await findCrashes(this.#database.dialect, transaction, keys);
    batch.crashes = batch.crashes.filter((crash) => {
      if (!crash.clamped || !known.has(keyOf(crash.appId, crash.record.uid))) return true;
      const stored = batch.stored[crash.call];
      if (stored !== undefined) stored.duplicates++;
      return false;
    });
  }

  async #storeCauses(transaction: WriteTransaction, cells: readonly Cell[][]): Promise<void> {
    if (cells.length === 0) return;
    const columns = {
      app_id: 'int',
      id: 'text',
      kind: 'text',
      exception_type: 'text',
      signal: 'text',
      code: 'text',
      status: 'text',
    } as const;
    const rows = jsonRows(this.#database.dialect, columns, cells);
    await sql`insert into causes (app_id, id, kind, exception_type, signal, code, status)
      select r.app_id, r.id, r.kind, r.exception_type, r.signal, r.code, r.status from ${rows} as r
      where true on conflict (app_id, id) do nothing`.execute(transaction);
  }

  async #storeVersions(transaction: WriteTransaction, batch: Batch, nowMs: number): Promise<void> {
    const versions = new Map<string, { cells: Cell[]; first: number; last: number }>();
    const all = [...batch.crashes, ...batch.states, ...batch.heartbeats];
    for (const { appId, version, ...sent } of all) {
      if (version === null) continue;
      const atMs = Math.min(sent.atMs, nowMs);
      const key = keyOf(appId, version);
      const known = versions.get(key) ?? { cells: [appId, version], first: atMs, last: atMs };
      known.first = Math.min(known.first, atMs);
      known.last = Math.max(known.last, atMs);
      versions.set(key, known);
    }
    if (versions.size === 0) return;
    const columns = { app_id: 'int', version: 'text', first_seen: 'int', last_seen: 'int' } as const;
    const cells = [...versions.values()].map((version) => [...version.cells, version.first, version.last]);
    await sql`insert into versions as t (app_id, version, first_seen, last_seen)
      select r.app_id, r.version, r.first_seen, r.last_seen
      from ${jsonRows(this.#database.dialect, columns, cells)} as r where true
      on conflict (app_id, version) do update set
        first_seen = case when excluded.first_seen < t.first_seen then excluded.first_seen else t.first_seen end,
        last_seen = case when excluded.last_seen > t.last_seen then excluded.last_seen else t.last_seen end`.execute(
      transaction,
    );
  }

  async #touchApps(
    transaction: WriteTransaction,
    apps: ReadonlyMap<number, string>,
    newRows: readonly CrashRow[],
    nowMs: number,
  ): Promise<void> {
    const last = new Map<number, number>();
    for (const { crash } of newRows) {
      last.set(crash.appId, Math.max(last.get(crash.appId) ?? 0, Math.min(crash.atMs, nowMs)));
    }
    const cells = [...apps.keys()].toSorted((a, b) => a - b).map((appId) => [appId, last.get(appId) ?? null]);
    const rows = jsonRows(this.#database.dialect, { app_id: 'int', last_crash_at: 'int' }, cells);
    await sql`update apps set changes = changes + 1,
      last_crash_at = case when apps.last_crash_at is null or r.last_crash_at > apps.last_crash_at
        then r.last_crash_at else apps.last_crash_at end
      from ${rows} as r where apps.app_id = r.app_id`.execute(transaction);
  }
}

const factsOf = (
  { kind, status }: Pick<CrashRecord, 'kind' | 'status'>,
  report: RedactedReport | undefined,
): CrashFacts => (report === undefined ? factsOfExit(kind, status) : { ...report, status });

/** @param stackless the group without the stack, undefined where there is no stack */
function followedOf({ crash, signature }: CrashRow, stackless: string | undefined): FollowedCrash {
  const { appId, instance, version, atMs, record } = crash;
  return {
    ...{ appId, instance, version, atMs, uid: record.uid, kind: record.kind, isNew: true },
    group: stackless ?? signature,
    stackGroup: stackless === undefined ? null : signature,
  };
}

const countedOf = ({ crash, signature, cause }: CrashRow): Counted => ({ ...crash, signature, cause });

function noteCause(
  causes: Map<string, Cell[]>,
  appId: number,
  id: string,
  kind: string,
  status: string,
  finding: { exceptionType: string | null; signal: string | null; code: string | null },
): void {
  causes.set(keyOf(appId, id), [
    appId,
    id,
    kind,
    finding.exceptionType,
    finding.signal,
    finding.code,
    status,
  ]);
}
