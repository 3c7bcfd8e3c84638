import type { SentRecord } from '../../../model/telemetry.ts';
import type { Database } from '../database/database.ts';
import { type AppLimits, DAY_MS } from '../limits.ts';
import { Announcer, type NotificationRules } from '../notifications/announce.ts';
import { type AppCrash, followCrashes } from '../notifications/follow-crashes.ts';
import type { OutboxSignal } from '../notifications/outbox-signal.ts';
import { lockApps, numberApps } from '../number-apps.ts';
import { attachToStored, type CapturedCrash } from './attach.ts';
import { type Batch, byApp, groupByType } from './batch.ts';
import { storeCauses } from './cause.ts';
import { insertCrashes } from './insert-crashes.ts';
import { InstanceRoom } from './instance-room.ts';
import { dropKnownClamped } from './known-crashes.ts';
import { KnownGroups } from './known-groups.ts';
import { leaveGroups } from './leave-groups.ts';
import { keepPending, takePending } from './pending.ts';
import { groupCrashes, pairCrashes } from './prepare-crashes.ts';
import type { Stored } from './record-store.ts';
import { GroupResolver } from './resolve-groups.ts';
import { joinGroups } from './store-groups.ts';
import { storeInstances } from './store-instances.ts';
import { storeReports } from './store-reports.ts';
import { storeSessions } from './store-sessions.ts';
import { storeVersions } from './store-versions.ts';
import type { NewCrash, StoredCrash } from './stored-crash.ts';
import { Tally } from './tally.ts';
import { touchApps } from './touch-apps.ts';
import type { WriteContext } from './write-context.ts';

type BatchResult = { learned: ReadonlyMap<string, string>; hasNews: boolean };

/** Stores batches of records with their counts and notifications, each batch in one transaction. */
export class BatchWriter {
  readonly #database: Database;
  readonly #retentionMs: number;
  readonly #now: () => number;
  readonly #notifications: { signal: OutboxSignal; rules: NotificationRules };
  readonly #limits: AppLimits;
  #room: InstanceRoom;
  #groups = new KnownGroups();
  /** At which the caches above were empty. */
  #breaks = 0;

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

  /** After groups were folded into another: their values are looked up again. */
  forgetGroups(appId: number, groups: ReadonlySet<string>): void {
    this.#groups.forget(appId, groups);
  }

  /** Stores all calls or, if it throws, none. */
  async store(calls: readonly (readonly SentRecord[])[]): Promise<Stored[]> {
    const { appIds, breaks, dialect, writer } = this.#database;
    this.#forgetAfterBreak();
    const atBreak = this.#breaks;
    const names = new Set(calls.flatMap((records) => records.map(({ source }) => source.app)));
    await numberApps(this.#database, names);
    const apps = new Map([...names].map((name) => [appIds.get(name) ?? 0, name]));
    const nowMs = this.#now();
    const batch = groupByType(calls, appIds, nowMs, this.#retentionMs);
    await this.#preparePartitions(batch);
    const parts = dialect === 'citus' ? byApp(batch, apps) : [{ apps, batch }];
    const results = await writer.transaction().execute(async (transaction) => {
      // Numbers and partitions can be those of another server.
      if (breaks() !== atBreak) throw new Error('a connection to the database broke');
      const done: BatchResult[] = [];
      for (const part of parts) {
        done.push(await this.#storeBatch({ dialect, transaction, apps: part.apps, nowMs }, part.batch));
      }
      return done;
    });
    if (breaks() === atBreak) for (const { learned } of results) this.#groups.add(learned);
    if (results.some(({ hasNews }) => hasNews)) this.#notifications.signal.emit();
    return batch.stored;
  }

  #forgetAfterBreak(): void {
    const breaks = this.#database.breaks();
    if (breaks === this.#breaks) return;
    this.#breaks = breaks;
    this.#groups = new KnownGroups();
    this.#room = new InstanceRoom(this.#limits.instances);
  }

  async #preparePartitions({ crashes }: Batch): Promise<void> {
    if (crashes.length === 0) return;
    const first = crashes.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
    const last = crashes.reduce((most, { atMs }) => Math.max(most, atMs), Number.NEGATIVE_INFINITY);
    await this.#database.prepareFor(first, last + DAY_MS);
  }

  async #storeBatch(context: WriteContext, batch: Batch): Promise<BatchResult> {
    await lockApps(this.#database, context.transaction, [...context.apps.keys()]);
    await dropKnownClamped(context, batch);
    await takePending(context, batch);
    const resolver = new GroupResolver(context, this.#groups, this.#limits.signatures);
    const crashes = await groupCrashes(resolver, pairCrashes(batch));
    const inserted = await insertCrashes(context, batch, crashes);
    const captured = await attachToStored(context, resolver, batch);
    await keepPending(context, batch);
    const changed = [...inserted, ...captured];
    await storeReports(context, changed);
    const hasNews = await this.#announce(context, inserted, captured);
    await joinGroups(context, changed);
    await leaveGroups(context, captured);
    await storeCauses(context, changed);
    await storeVersions(context, batch);
    await this.#storeCounts(context, batch, inserted, captured);
    await touchApps(context, inserted);
    return { learned: resolver.learned, hasNews };
  }

  /** @returns is there something to send? */
  #announce(
    context: WriteContext,
    inserted: readonly NewCrash[],
    captured: readonly CapturedCrash[],
  ): Promise<boolean> {
    const { dialect, transaction, apps, nowMs } = context;
    const announcer = new Announcer(transaction, apps, this.#notifications.rules, nowMs);
    const followed = [
      ...inserted.map((crash) => followedOf(crash, true)),
      ...captured.map((crash) => followedOf(crash, false)),
    ];
    return followCrashes(dialect, transaction, announcer, apps, followed, nowMs);
  }

  async #storeCounts(
    context: WriteContext,
    batch: Batch,
    inserted: readonly NewCrash[],
    captured: readonly CapturedCrash[],
  ): Promise<void> {
    const { crashes, states, heartbeats, losses } = batch;
    const placeOf = await this.#room.place(context, [
      ...crashes,
      ...states,
      ...heartbeats,
      ...losses,
      ...captured,
    ]);
    const tally = new Tally(context.nowMs, this.#retentionMs);
    for (const crash of inserted) tally.add({ ...crash, instance: placeOf(crash) });
    for (const crash of captured) {
      const before = { group: crash.groupBefore, cause: crash.causeBefore };
      tally.move({ ...crash, instance: placeOf(crash) }, before);
    }
    await tally.store(context);
    await storeInstances(context, batch, inserted, placeOf);
    const isKept = (sent: Batch['heartbeats'][number]) => placeOf(sent) === sent.instance;
    await storeSessions(context, heartbeats.filter(isKept));
  }
}

const followedOf = (crash: StoredCrash, isNew: boolean): AppCrash => ({
  ...crash,
  group: crash.groupBefore ?? crash.group,
  stackGroup: crash.groupBefore === null ? null : crash.group,
  isNew,
});
