import { type Selectable, sql } from 'kysely';
import type { NotificationPreferences } from '../../../notify/preferences.ts';
import { DEFAULT_PREFERENCES } from '../../../notify/preferences.ts';
import {
  type Attempt,
  claim,
  type Delivery,
  LONGEST_WAIT_MS,
  newDelivery,
  settle,
} from '../../../notify/retry.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { Tables } from '../schema/tables.ts';
import type { FairTurns } from './fair-turns.ts';
import { targetOf } from './notification-settings.ts';
import type { ClaimedDelivery, NotificationBody } from './notification-store.ts';

type Row = Selectable<Tables['deliveries']>;
type Key = { appId: number; notificationId: string; targetId: string };

/** One recipient's deliveries for one app. */
type Queue = { app_id: number; target_id: string; address: string; due: number };

/**
 * Marks due deliveries as being sent before they are sent: after a process was killed, they are sent again once the lease
 * is over, and two processes never send the same one. Each recipient of each app has a queue of its own, and the queues
 * take turns: one app's notifications never wait for all of another's.
 *
 * @param busy addresses that get nothing more for now
 */
export async function claimDue(
  database: Database,
  turns: FairTurns,
  { type, limit, busy }: { type: ClaimedDelivery['type']; limit: number; busy: ReadonlySet<string> },
  nowMs: number,
): Promise<ClaimedDelivery[]> {
  const waiting = await queuesOf(database, type, nowMs);
  const queues = turns.inOrder(
    waiting.filter(({ address }) => !busy.has(address)),
    ({ app_id, target_id }) => `${app_id} ${target_id}`,
  );
  const claimed: ClaimedDelivery[] = [];
  for (const [at, queue] of queues.slice(0, limit).entries()) {
    const share = Math.ceil((limit - claimed.length) / (Math.min(queues.length, limit) - at));
    const taken = await claimFrom(database, type, queue, share, nowMs);
    if (taken.length > 0) turns.served(`${queue.app_id} ${queue.target_id}`);
    claimed.push(...taken);
  }
  return claimed;
}

/** Queues with something due; also one that waits too long because the clock was set back. */
async function queuesOf({ reader }: Database, type: Row['type'], nowMs: number): Promise<Queue[]> {
  const { rows } = await sql<Queue>`select app_id, target_id, address, min(due) as due from deliveries
    where ended_at is null and type = ${type}
      and (due <= ${nowMs} or (attempts > 0 and due > ${nowMs + LONGEST_WAIT_MS}))
    group by app_id, target_id, address order by due`.execute(reader);
  return rows;
}

async function claimFrom(
  { dialect, writer }: Database,
  type: Row['type'],
  { app_id, target_id }: Queue,
  limit: number,
  nowMs: number,
): Promise<ClaimedDelivery[]> {
  return writer.transaction().execute(async (transaction) => {
    let query = transaction
      .selectFrom('deliveries')
      .selectAll()
      .where('ended_at', 'is', null)
      .where('type', '=', type)
      .where('app_id', '=', app_id)
      .where('target_id', '=', target_id)
      .where((or) =>
        or.or([
          or('due', '<=', nowMs),
          or.and([or('attempts', '>', 0), or('due', '>', nowMs + LONGEST_WAIT_MS)]),
        ]),
      )
      .orderBy('due')
      .limit(limit);
    if (dialect !== 'sqlite') query = query.forUpdate().skipLocked();
    const claimed: ClaimedDelivery[] = [];
    for (const row of await query.execute()) {
      const sending = claim(deliveryOf(row), nowMs);
      if (sending === null) continue;
      await update(transaction, keyOfRow(row), sending);
      const found = await readClaimed(transaction, row);
      if (found !== null) claimed.push({ ...found, attempt: sending.attempts });
    }
    return claimed;
  });
}

async function readClaimed(
  transaction: WriteTransaction,
  row: Row,
): Promise<Omit<ClaimedDelivery, 'attempt'> | null> {
  const notification = await transaction
    .selectFrom('notices')
    .select(['kind', 'at', 'body'])
    .where('app_id', '=', row.app_id)
    .where('id', '=', row.notice_id)
    .executeTakeFirst();
  const app = await transaction
    .selectFrom('apps as a')
    .leftJoin('notice_settings as s', 's.app', 'a.name')
    .select(['a.name', 's.preferences'])
    .where('a.app_id', '=', row.app_id)
    .executeTakeFirst();
  if (notification === undefined || app === undefined) return null;
  const target = await transaction
    .selectFrom('notice_targets')
    .selectAll()
    .where('app', '=', app.name)
    .where('id', '=', row.target_id)
    .executeTakeFirst();
  return {
    appId: row.app_id,
    app: app.name,
    notificationId: row.notice_id,
    targetId: row.target_id,
    type: row.type,
    address: row.address,
    target: target === undefined ? null : targetOf(target),
    kind: notification.kind,
    atMs: notification.at,
    body: JSON.parse(notification.body) as NotificationBody,
    preferences:
      app.preferences === null
        ? DEFAULT_PREFERENCES
        : (JSON.parse(app.preferences) as NotificationPreferences),
  };
}

export async function settleDelivery(
  database: Database,
  key: Key,
  { attempt, result }: { attempt: number; result: Attempt },
  nowMs: number,
): Promise<void> {
  await changeDelivery(database, key, (delivery) =>
    settle(delivery, { attempt, result }, nowMs, Math.random()),
  );
}

/** Sends a dropped delivery again, from the first attempt; false where it was not dropped. */
export function reviveDelivery(database: Database, key: Key, nowMs: number): Promise<boolean> {
  return changeDelivery(database, key, (delivery) =>
    delivery.state === 'dead'
      ? { ...newDelivery(nowMs), attempts: delivery.attempts, problem: delivery.problem }
      : delivery,
  );
}

/** @returns did anything change? */
async function changeDelivery(
  { dialect, writer }: Database,
  key: Key,
  change: (delivery: Delivery) => Delivery,
): Promise<boolean> {
  return writer.transaction().execute(async (transaction) => {
    let query = transaction
      .selectFrom('deliveries')
      .selectAll()
      .where('app_id', '=', key.appId)
      .where('notice_id', '=', key.notificationId)
      .where('target_id', '=', key.targetId);
    if (dialect !== 'sqlite') query = query.forUpdate();
    const row = await query.executeTakeFirst();
    if (row === undefined) return false;
    const before = deliveryOf(row);
    const after = change(before);
    if (after === before) return false;
    await update(transaction, key, after);
    return true;
  });
}

async function update(
  transaction: WriteTransaction,
  { appId, notificationId, targetId }: Key,
  { state, firstDueMs, dueMs, attempts, problem, endedMs }: Delivery,
): Promise<void> {
  await transaction
    .updateTable('deliveries')
    .set({ state, first_due: firstDueMs, due: dueMs, attempts, problem, ended_at: endedMs })
    .where('app_id', '=', appId)
    .where('notice_id', '=', notificationId)
    .where('target_id', '=', targetId)
    .execute();
}

const keyOfRow = (row: Row): Key => ({
  appId: row.app_id,
  notificationId: row.notice_id,
  targetId: row.target_id,
});

export const deliveryOf = (row: Row): Delivery => ({
  state: row.state,
  firstDueMs: row.first_due,
  dueMs: row.due,
  attempts: row.attempts,
  problem: row.problem,
  endedMs: row.ended_at,
});
