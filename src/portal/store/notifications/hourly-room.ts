import { sql } from 'kysely';
import type { NotificationPlan } from '../../../notify/preferences.ts';
import type { WriteTransaction } from '../database/database.ts';
import { HOUR_MS, MINUTE_MS } from '../limits.ts';

/** A digest of what is beyond the limit waits this long; the next comes an hour after it. */
const GATHER_MS = 5 * MINUTE_MS;

type Used = { planned: number; dropped: number };

/** How many more notifications an app may have within an hour. For one transaction, which holds the apps' lock. */
export class HourlyRoom {
  readonly #transaction: WriteTransaction;
  readonly #perHour: number;
  readonly #used = new Map<string, Used>();
  readonly #waiting = new Set<number>();

  constructor(transaction: WriteTransaction, perHour: number) {
    this.#transaction = transaction;
    this.#perHour = perHour;
  }

  /** What is not sent has its own limit in the log. @returns was there room? */
  async take(appId: number, plan: NotificationPlan, nowMs: number): Promise<boolean> {
    const dueMs = plan.how === 'drop' ? nowMs : plan.atMs;
    const used = await this.#usedAt(appId, dueMs);
    const which = plan.how === 'drop' ? 'dropped' : 'planned';
    if (used[which] >= this.#perHour) return false;
    used[which]++;
    return true;
  }

  /** When to send the digest; null where one waits already. */
  async digestDue(appId: number, atMs: number): Promise<number | null> {
    if (this.#waiting.has(appId)) return null;
    this.#waiting.add(appId);
    const rows = await this.#transaction
      .selectFrom('notices')
      .select(['how', 'due'])
      .where('app_id', '=', appId)
      .where('kind', '=', 'digest')
      .where('due', '>', atMs - HOUR_MS)
      .execute();
    if (rows.some(({ how }) => how === 'digest')) return null;
    const sent = rows.filter(({ how, due }) => how === 'send' && due <= atMs).map(({ due }) => due);
    return Math.max(atMs + GATHER_MS, ...sent.map((due) => due + HOUR_MS));
  }

  /** Counted by the time of sending: what waits for the end of quiet hours counts as one hour's. */
  async #usedAt(appId: number, dueMs: number): Promise<Used> {
    const key = `${appId} ${dueMs}`;
    const known = this.#used.get(key);
    if (known !== undefined) return known;
    const { rows } = await sql<{ planned: number | null; dropped: number | null }>`select
        cast(sum(case when how = 'drop' then 0 else 1 end) as bigint) as planned,
        cast(sum(case when how = 'drop' then 1 else 0 end) as bigint) as dropped
      from notices where app_id = ${appId} and due > ${dueMs - HOUR_MS} and due <= ${dueMs}
        and kind not in ('digest', 'test')`.execute(this.#transaction);
    const used = { planned: rows[0]?.planned ?? 0, dropped: rows[0]?.dropped ?? 0 };
    this.#used.set(key, used);
    return used;
  }
}
