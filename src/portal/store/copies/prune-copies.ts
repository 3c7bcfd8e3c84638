import { type RawBuilder, sql } from 'kysely';
import { DAY_MS } from '../limits.ts';

/** Some MB. */
const PIECES_AT_ONCE = 40;
/** An instance that goes on sends the next part within minutes. */
const UNFINISHED_KEPT_MS = DAY_MS;

/** Deletes copies of dumps whose time is over, that are gone on their instance, or that were never complete. */
export function* copySteps(nowMs: number): Generator<RawBuilder<unknown>> {
  const over = sql`select c.app_id, c.instance, c.crash_uid from dump_copies as c left join dumps as d
    on d.app_id = c.app_id and d.instance = c.instance and d.crash_uid = c.crash_uid
    where d.crash_uid is null or d.deleted_at is not null or d.expires_at <= ${nowMs}
      or (c.have < c.size and c.changed_at < ${nowMs - UNFINISHED_KEPT_MS})`;
  yield sql`delete from dump_pieces where (app_id, instance, crash_uid, position) in
    (select p.app_id, p.instance, p.crash_uid, p.position from (${over}) as o join dump_pieces as p
      on p.app_id = o.app_id and p.instance = o.instance and p.crash_uid = o.crash_uid
      limit ${sql.lit(PIECES_AT_ONCE)})`;
  yield sql`delete from dump_copies where (app_id, instance, crash_uid) in (${over})`;
}
