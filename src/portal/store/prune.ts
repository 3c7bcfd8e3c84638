import { type RawBuilder, sql } from 'kysely';
import { copySteps } from './copies/prune-copies.ts';
import type { Database } from './database/database.ts';
import { COUNTED, DAY_MS, keptMsOf, MINUTE_MS } from './limits.ts';

/** Deleting them takes some milliseconds, indexes included. */
const ROWS_AT_ONCE = 500;
const FAILURES_KEPT_MS = 2 * DAY_MS;
const AUDIT_KEPT_MS = 730 * DAY_MS;
/** So long a page shows that a token has ended. */
const ENDED_TOKENS_KEPT_MS = 90 * DAY_MS;

/** Table, its key, and the time that decides. */
const OF_SESSIONS = [
  ['dumps', ['app_id', 'instance', 'crash_uid'], 'kept_at'],
  ['dump_sessions', ['app_id', 'instance', 'id'], 'started_at'],
  ['remote_requests', ['app_id', 'id'], 'at'],
] as const;

/** One small step: crashes first, then what only they needed. @returns may there be more? */
export async function pruneSome(database: Database, retentionMs: number, nowMs: number): Promise<boolean> {
  const before = nowMs - retentionMs;
  if (await database.dropBefore(before)) return true;
  for (const step of stepsOf(database, before, nowMs)) {
    const result = await step.execute(database.writer);
    if ((result.numAffectedRows ?? 0n) > 0n) return true;
  }
  return false;
}

function* stepsOf({ dialect }: Database, beforeMs: number, nowMs: number): Generator<RawBuilder<unknown>> {
  const limit = sql.lit(ROWS_AT_ONCE);
  // PostgreSQL drops partitions instead.
  if (dialect === 'sqlite') {
    yield sql`delete from crashes where (app_id, at, uid) in (select c.app_id, c.at, c.uid from app_activity as a
      join crashes as c on c.app_id = a.app_id and c.at < ${beforeMs} limit ${limit})`;
  }
  // Some days more: a crash that is being stored may use the report again.
  yield sql`delete from reports where (app_id, hash) in
    (select app_id, hash from reports where last_at < ${beforeMs - 8 * DAY_MS} limit ${limit})`;
  yield sql`delete from pending where (app_id, crash_uid, what) in
    (select app_id, crash_uid, what from pending where at < ${beforeMs} limit ${limit})`;
  for (const [dimension, steps] of Object.entries(COUNTED)) {
    for (const counted of steps) {
      const { step } = counted;
      const keptMs = keptMsOf(counted, nowMs - beforeMs);
      yield sql`delete from counts where (app_id, dimension, step, at, key) in
        (select c.app_id, c.dimension, c.step, c.at, c.key from app_activity as a join counts as c on c.app_id = a.app_id
          and c.dimension = ${dimension} and c.step = ${step} and c.at < ${nowMs - keptMs - step * MINUTE_MS}
          limit ${limit})`;
    }
  }
  yield sql`delete from losses where (app_id, at, uid) in (select l.app_id, l.at, l.uid from app_activity as a
    join losses as l on l.app_id = a.app_id and l.at < ${beforeMs} limit ${limit})`;
  yield* copySteps(nowMs);
  for (const [table, key, age] of OF_SESSIONS) {
    const names = sql.raw(key.map((name) => `x.${name}`).join(', '));
    yield sql`delete from ${sql.table(table)} where (${sql.raw(key.join(', '))}) in (select ${names} from app_activity as a
      join ${sql.table(table)} as x on x.app_id = a.app_id and ${sql.ref(`x.${age}`)} < ${beforeMs} limit ${limit})`;
  }
  yield sql`delete from sessions where id in (select id from sessions where expires_at < ${nowMs} limit ${limit})`;
  yield sql`delete from links where secret_hash in
    (select secret_hash from links where expires_at < ${nowMs} limit ${limit})`;
  yield sql`delete from api_tokens where id in
    (select id from api_tokens where expires_at < ${nowMs - ENDED_TOKENS_KEPT_MS} limit ${limit})`;
  yield sql`delete from failures where seq in
    (select seq from failures where at < ${nowMs - FAILURES_KEPT_MS} limit ${limit})`;
  yield sql`delete from audit where seq in
    (select seq from (select seq, at from audit order by seq limit ${limit}) as oldest
      where at < ${nowMs - AUDIT_KEPT_MS})`;
}
