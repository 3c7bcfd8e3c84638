import { createHash, randomBytes } from 'node:crypto';
import type { NotificationKind } from '../../../notify/episode.ts';
import type { Due } from '../../../notify/episode-batch.ts';
import type { Notification } from '../../../notify/notification.ts';
import { notifiedEpisode } from '../../../notify/notified-episode.ts';
import {
  type NotificationPlan,
  type NotificationToPlan,
  planNotification,
} from '../../../notify/preferences.ts';
import { newDelivery } from '../../../notify/retry.ts';
import type { WriteTransaction } from '../database/database.ts';
import type { StoredEpisode } from './episode-rows.ts';
import { HourlyRoom } from './hourly-room.ts';
import { readSettings } from './notification-settings.ts';
import { DEFAULT_TARGET, type NotificationBody, type NotificationSettings } from './notification-store.ts';

export type Recipient = { targetId: string; type: 'mail' | 'webhook'; address: string };

export type NotificationRules = {
  /** Recipients for apps without recipients of their own. */
  mailTo: readonly string[];
  /** Limit per app and hour; what is beyond waits for a digest. */
  perHour: number;
};

/** Writes notifications into the outbox, in the transaction of their crashes. */
export class Announcer {
  readonly #transaction: WriteTransaction;
  readonly #apps: ReadonlyMap<number, string>;
  readonly #rules: NotificationRules;
  readonly #nowMs: number;
  readonly #settings = new Map<number, NotificationSettings>();
  readonly #room: HourlyRoom;

  constructor(
    transaction: WriteTransaction,
    apps: ReadonlyMap<number, string>,
    rules: NotificationRules,
    nowMs: number,
  ) {
    this.#transaction = transaction;
    this.#apps = apps;
    this.#rules = rules;
    this.#nowMs = nowMs;
    this.#room = new HourlyRoom(transaction, rules.perHour);
  }

  /** Marks the episode as announced where its beginning is announced; call it before the episode is saved. */
  async announce({ followed: stored, notification, goesOn = false }: Due<StoredEpisode>): Promise<void> {
    const isLate = notification === 'late';
    const settings = await this.settingsOf(stored.appId);
    const recipients = this.recipientsOf(settings);
    // Without recipients, nothing is stored.
    if (recipients.length === 0) return;
    const { episode, version } = stored;
    const kind = isLate ? 'opened' : notification.kind;
    const plan = this.#plan(stored, { kind, crashKind: stored.kind, version }, isLate, settings);
    if (!(await this.#room.take(stored.appId, plan, this.#nowMs))) {
      if (plan.how !== 'drop') await this.#hold(stored, kind, plan.atMs);
      return;
    }
    if (plan.how !== 'drop') {
      if (kind !== 'recovered') stored.isAnnounced = true;
      if (kind === 'escalated' || kind === 'recovered') await this.#replaceWaiting(stored, plan, kind);
    }
    const body: NotificationBody = {
      type: 'episode',
      episode: { ...notifiedEpisode(stored), ...(goesOn ? { closedAtMs: null } : {}) },
      ...(isLate ? { spread: null } : { spread: notification.spread, stackIsNew: notification.stackIsNew }),
    };
    const row = { appId: stored.appId, kind, episodeId: episode.id, signature: episode.signature, body };
    await this.insert(row, plan, recipients);
  }

  /** Beyond the limit: goes into the next digest. */
  async #hold(stored: StoredEpisode, kind: NotificationKind, atMs: number): Promise<void> {
    const { appId } = stored;
    stored.held ??= kind;
    const dueMs = await this.#room.digestDue(appId, Math.max(atMs, this.#nowMs));
    if (dueMs === null) return;
    // A placeholder until the digest is made.
    const body: NotificationBody = { type: 'digest', fromMs: this.#nowMs, untilMs: this.#nowMs, items: [] };
    const row = { appId, kind: 'digest' as const, episodeId: null, signature: null, body };
    await this.insert(row, { how: 'digest', atMs: dueMs }, []);
  }

  #plan(
    stored: StoredEpisode,
    notice: NotificationToPlan,
    isLate: boolean,
    settings: NotificationSettings,
  ): NotificationPlan {
    if (notice.kind === 'recovered' && !stored.isAnnounced) {
      return { how: 'drop', why: 'its beginning was only in a digest' };
    }
    const plan = this.#planned(notice, settings);
    return isLate && plan.how === 'send' ? { how: 'digest', atMs: plan.atMs } : plan;
  }

  /** What cannot be planned is sent at once: preferences must never prevent crashes from being stored. */
  #planned(notice: NotificationToPlan, { preferences }: NotificationSettings): NotificationPlan {
    try {
      return planNotification(notice, preferences, this.#nowMs);
    } catch {
      return { how: 'send', atMs: this.#nowMs };
    }
  }

  /** Of what waits for the end of quiet hours, only the newest of an episode is sent. */
  async #replaceWaiting(
    { appId, episode }: StoredEpisode,
    plan: NotificationPlan,
    by: string,
  ): Promise<void> {
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

  async settingsOf(appId: number): Promise<NotificationSettings> {
    const known = this.#settings.get(appId);
    if (known !== undefined) return known;
    const settings = await readSettings(this.#transaction, this.#apps.get(appId) ?? '');
    this.#settings.set(appId, settings);
    return settings;
  }

  recipientsOf(settings: NotificationSettings): Recipient[] {
    return recipientsOf(settings, this.#rules.mailTo);
  }

  /** @returns the notification's id */
  async insert(
    notification: {
      appId: number;
      kind: Notification['kind'];
      episodeId: string | null;
      signature: string | null;
      body: NotificationBody;
    },
    plan: NotificationPlan,
    recipients: readonly Recipient[],
  ): Promise<string> {
    const { appId, kind, episodeId, signature, body } = notification;
    const id = randomBytes(8).toString('hex');
    const due = plan.how === 'drop' ? this.#nowMs : plan.atMs;
    const content = { kind, episode_id: episodeId, signature, at: this.#nowMs, body: JSON.stringify(body) };
    const why = plan.how === 'drop' ? plan.why : null;
    await this.#transaction
      .insertInto('notices')
      .values({ app_id: appId, id, ...content, how: plan.how, due, why })
      .execute();
    if (plan.how !== 'send' || recipients.length === 0) return id;
    const { state, firstDueMs, dueMs, attempts, problem, endedMs } = newDelivery(due);
    const rows = recipients.map(({ targetId, type, address }) => ({
      ...{ app_id: appId, notice_id: id, target_id: targetId, type, address },
      ...{ state, first_due: firstDueMs, due: dueMs, attempts, problem, ended_at: endedMs },
    }));
    await this.#transaction.insertInto('deliveries').values(rows).execute();
    return id;
  }
}

/** The app's own recipients, or the default ones while it has none. */
export function recipientsOf(
  { isDefault, targets }: NotificationSettings,
  defaultMailTo: readonly string[],
): Recipient[] {
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
