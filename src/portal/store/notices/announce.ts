import { createHash, randomBytes } from 'node:crypto';
import type { EpisodeNotice, NoticeKind } from '../../../notify/episode.ts';
import type { Notice } from '../../../notify/notice.ts';
import { type NoticePlan, type NoticeToPlan, planNotice } from '../../../notify/preferences.ts';
import { newDelivery } from '../../../notify/retry.ts';
import type { WriteTransaction } from '../database/database.ts';
import { type StoredEpisode, toldEpisode } from './episode-rows.ts';
import { HourlyRoom } from './hourly-room.ts';
import { readSettings } from './notice-settings.ts';
import { DEFAULT_TARGET, type NoticeBody, type NoticeSettings } from './notice-store.ts';

export type Receiver = { targetId: string; type: 'mail' | 'webhook'; address: string };

export type NoticeRules = {
  /** Who is told of apps for which nobody chose anything. */
  mailTo: readonly string[];
  /** So many notices of one app in an hour at most; what is beyond waits for a digest. */
  perHour: number;
};

/** Something of an episode that people are to be told; `late`: of crashes that are long over. */
export type Announcement = { stored: StoredEpisode; notice: EpisodeNotice | 'late'; goesOn?: boolean };

/** Writes what people are to be told into the outbox of the transaction in which it happened. */
export class Announcer {
  readonly #transaction: WriteTransaction;
  readonly #apps: ReadonlyMap<number, string>;
  readonly #rules: NoticeRules;
  readonly #nowMs: number;
  readonly #settings = new Map<number, NoticeSettings>();
  readonly #room: HourlyRoom;

  constructor(
    transaction: WriteTransaction,
    apps: ReadonlyMap<number, string>,
    rules: NoticeRules,
    nowMs: number,
  ) {
    this.#transaction = transaction;
    this.#apps = apps;
    this.#rules = rules;
    this.#nowMs = nowMs;
    this.#room = new HourlyRoom(transaction, rules.perHour);
  }

  /** Marks the episode as announced where its beginning is told; before the episode is saved. */
  async announce({ stored, notice, goesOn = false }: Announcement): Promise<void> {
    const settings = await this.settingsOf(stored.appId);
    const receivers = this.receiversOf(settings);
    // What is told to nobody is not written down either.
    if (receivers.length === 0) return;
    const { episode, version } = stored;
    const kind = notice === 'late' ? 'opened' : notice.kind;
    const plan = this.#plan(stored, { kind, crashKind: stored.kind, version }, notice === 'late', settings);
    if (!(await this.#room.take(stored.appId, plan, this.#nowMs))) {
      if (plan.how !== 'drop') await this.#hold(stored, kind, plan.atMs);
      return;
    }
    if (plan.how !== 'drop') {
      if (kind !== 'recovered') stored.isAnnounced = true;
      if (kind === 'escalated' || kind === 'recovered') await this.#replaceWaiting(stored, plan, kind);
    }
    const body: NoticeBody = {
      type: 'episode',
      episode: { ...toldEpisode(stored), ...(goesOn ? { closedAtMs: null } : {}) },
      spread: notice === 'late' ? null : notice.spread,
    };
    const row = { appId: stored.appId, kind, episodeId: episode.id, signature: episode.signature, body };
    await this.insert(row, plan, receivers);
  }

  /** Beyond the limit: the next digest tells it. */
  async #hold(stored: StoredEpisode, kind: NoticeKind, atMs: number): Promise<void> {
    const { appId } = stored;
    stored.held ??= kind;
    const dueMs = await this.#room.digestDue(appId, Math.max(atMs, this.#nowMs));
    if (dueMs === null) return;
    // Holds the place of the digest until it is made; it names its episodes then.
    const body: NoticeBody = { type: 'digest', fromMs: this.#nowMs, untilMs: this.#nowMs, items: [] };
    const row = { appId, kind: 'digest' as const, episodeId: null, signature: null, body };
    await this.insert(row, { how: 'digest', atMs: dueMs }, []);
  }

  #plan(stored: StoredEpisode, notice: NoticeToPlan, isLate: boolean, settings: NoticeSettings): NoticePlan {
    if (notice.kind === 'recovered' && !stored.isAnnounced) {
      return { how: 'drop', why: 'its beginning was not told alone' };
    }
    const plan = this.#planned(notice, settings);
    return isLate && plan.how === 'send' ? { how: 'digest', atMs: plan.atMs } : plan;
  }

  /** What cannot be planned is told at once: nothing that people chose may keep crashes from being stored. */
  #planned(notice: NoticeToPlan, { preferences }: NoticeSettings): NoticePlan {
    try {
      return planNotice(notice, preferences, this.#nowMs);
    } catch {
      return { how: 'send', atMs: this.#nowMs };
    }
  }

  /** What waits for the end of the quiet hours is old by then: only the newest of an episode is told. */
  async #replaceWaiting({ appId, episode }: StoredEpisode, plan: NoticePlan, by: string): Promise<void> {
    if (plan.how !== 'send' || plan.atMs <= this.#nowMs) return;
    const waiting = await this.#transaction
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', (join) =>
        join.onRef('n.app_id', '=', 'd.app_id').onRef('n.id', '=', 'd.notice_id'),
      )
      .select(['d.notice_id'])
      .distinct()
      .where('n.app_id', '=', appId)
      .where('n.episode_id', '=', episode.id)
      .where('d.state', '=', 'pending')
      .where('d.due', '>', this.#nowMs)
      .execute();
    const ids = waiting.map(({ notice_id }) => notice_id);
    if (ids.length === 0) return;
    await this.#transaction
      .deleteFrom('deliveries')
      .where('app_id', '=', appId)
      .where('notice_id', 'in', ids)
      .where('state', '=', 'pending')
      .execute();
    const why =
      by === 'recovered' ? 'it was over before the quiet hours were' : 'it spread in the quiet hours';
    await this.#transaction
      .updateTable('notices')
      .set({ how: 'drop', why })
      .where('app_id', '=', appId)
      .where('id', 'in', ids)
      .execute();
  }

  async settingsOf(appId: number): Promise<NoticeSettings> {
    const known = this.#settings.get(appId);
    if (known !== undefined) return known;
    const settings = await readSettings(this.#transaction, this.#apps.get(appId) ?? '');
    this.#settings.set(appId, settings);
    return settings;
  }

  receiversOf(settings: NoticeSettings): Receiver[] {
    return receiversOf(settings, this.#rules.mailTo);
  }

  /** @returns the notice's id */
  async insert(
    notice: {
      appId: number;
      kind: Notice['kind'];
      episodeId: string | null;
      signature: string | null;
      body: NoticeBody;
    },
    plan: NoticePlan,
    receivers: readonly Receiver[],
  ): Promise<string> {
    const { appId, kind, episodeId, signature, body } = notice;
    const id = randomBytes(8).toString('hex');
    const due = plan.how === 'drop' ? this.#nowMs : plan.atMs;
    const told = { kind, episode_id: episodeId, signature, at: this.#nowMs, body: JSON.stringify(body) };
    const why = plan.how === 'drop' ? plan.why : null;
    await this.#transaction
      .insertInto('notices')
      .values({ app_id: appId, id, ...told, how: plan.how, due, why })
      .execute();
    if (plan.how !== 'send' || receivers.length === 0) return id;
    const { state, firstDueMs, dueMs, attempts, problem, endedMs } = newDelivery(due);
    const rows = receivers.map(({ targetId, type, address }) => ({
      ...{ app_id: appId, notice_id: id, target_id: targetId, type, address },
      ...{ state, first_due: firstDueMs, due: dueMs, attempts, problem, ended_at: endedMs },
    }));
    await this.#transaction.insertInto('deliveries').values(rows).execute();
    return id;
  }
}

/** Who is told now: those that were chosen, or the default while nobody chose anything. */
export function receiversOf(
  { isDefault, targets }: NoticeSettings,
  defaultMailTo: readonly string[],
): Receiver[] {
  const chosen = targets
    .filter(({ stoppedAtMs }) => stoppedAtMs === null)
    .map(({ id, type, address }) => ({
      targetId: id,
      type,
      address: type === 'mail' ? address : new URL(address).hostname,
    }));
  if (!isDefault) return chosen;
  const stopped = new Set(
    targets.filter(({ stoppedAtMs }) => stoppedAtMs !== null).map((one) => one.address),
  );
  const byDefault = defaultMailTo
    .filter((address) => !stopped.has(address))
    .map((address) => ({ targetId: defaultId(address), type: 'mail' as const, address }));
  return [...chosen, ...byDefault];
}

const defaultId = (address: string): string =>
  `${DEFAULT_TARGET}${createHash('sha256').update(address).digest('hex').slice(0, 16)}`;
