import { sql } from 'kysely';
import { MOST_WANTED, PIECE_BYTES, type WantedDump } from '../../../model/sealed-dump.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { lockApps } from '../number-apps.ts';
import { findApp } from '../read/app-id.ts';
import type { CopyRefusal, CopyStore } from './copy-store.ts';

/** Any number that nothing else in the database is likely to use as a lock. */
const COPIES_LOCK = 4_206_190_733;
/** Of all apps. */
const MOST_COPIES = 2_000;

/** So that no app takes the room of all others. */
const roomOfApp = (roomBytes: number): number => roomBytes / 2;

type Taken = { all: number; app: number; count: number };

export async function wantedCopies(
  database: Database,
  [app, instance, roomBytes, nowMs]: Parameters<CopyStore['wantedCopies']>,
): Promise<WantedDump[]> {
  const appId = await findApp(database, app);
  if (appId === null) return [];
  const rows = await database.reader
    .selectFrom('dumps as d')
    .leftJoin('dump_copies as c', (on) =>
      on
        .onRef('c.app_id', '=', 'd.app_id')
        .onRef('c.instance', '=', 'd.instance')
        .onRef('c.crash_uid', '=', 'd.crash_uid'),
    )
    .select(['d.crash_uid', 'd.size', 'c.have'])
    .where('d.app_id', '=', appId)
    .where('d.instance', '=', instance)
    .where('d.encrypted', '=', 1)
    .where('d.kind', 'is', null)
    .where('d.deleted_at', 'is', null)
    .where('d.expires_at', '>', nowMs)
    .where((or) => or.or([or('c.have', 'is', null), or('c.have', '<', or.ref('c.size'))]))
    .orderBy('d.kept_at', 'desc')
    .limit(MOST_WANTED)
    .execute();
  if (rows.length === 0) return [];
  const taken = await readTaken(database.reader, appId);
  return rows
    .filter(({ size, have }) => have !== null || hasRoom(taken, size, roomBytes))
    .map(({ crash_uid: crashUid, have }) => ({ crashUid, have: have ?? 0 }));
}

export async function addPiece(
  database: Database,
  [{ app, instance, crashUid }, { position, bytes }, roomBytes, nowMs]: Parameters<CopyStore['addPiece']>,
): Promise<number | CopyRefusal> {
  const appId = await findApp(database, app);
  if (appId === null) return 'unknown';
  const key = { app_id: appId, instance, crash_uid: crashUid };
  return database.writer.transaction().execute(async (transaction) => {
    await lockApps(database, transaction, [appId]);
    const dump = await ofKey(transaction.selectFrom('dumps').selectAll(), key).executeTakeFirst();
    if (dump === undefined || dump.kind !== null || dump.deleted_at !== null || dump.expires_at <= nowMs)
      return 'unknown';
    if (dump.encrypted === 0) return 'not-encrypted';
    const { size } = dump;
    const copy = await ofKey(transaction.selectFrom('dump_copies').selectAll(), key).executeTakeFirst();
    const have = copy?.have ?? 0;
    if (position !== have || have === size) return have;
    if (bytes.length !== Math.min(PIECE_BYTES, size - have)) return 'wrong-part';
    if (copy === undefined) {
      if (size > roomOfApp(roomBytes)) return 'too-large';
      // Two begin at once, of different apps.
      if (database.dialect !== 'sqlite')
        await sql`select pg_advisory_xact_lock(${sql.lit(COPIES_LOCK)})`.execute(transaction);
      if (!hasRoom(await readTaken(transaction, appId), size, roomBytes)) return 'full';
      await transaction
        .insertInto('dump_copies')
        .values({ ...key, size, have: 0, changed_at: nowMs })
        .execute();
    }
    await transaction
      .insertInto('dump_pieces')
      .values({ ...key, position, bytes })
      .execute();
    const next = have + bytes.length;
    const changed = { have: next, changed_at: nowMs };
    await ofKey(transaction.updateTable('dump_copies').set(changed), key).execute();
    if (next === size) await noteChange(transaction, appId);
    return next;
  });
}

export async function readPiece(
  database: Database,
  [{ app, instance, crashUid }, position, nowMs]: Parameters<CopyStore['readPiece']>,
): Promise<Uint8Array | null> {
  const appId = await findApp(database, app);
  if (appId === null) return null;
  const row = await database.reader
    .selectFrom('dump_pieces as p')
    .innerJoin('dump_copies as c', (on) =>
      on
        .onRef('c.app_id', '=', 'p.app_id')
        .onRef('c.instance', '=', 'p.instance')
        .onRef('c.crash_uid', '=', 'p.crash_uid'),
    )
    .innerJoin('dumps as d', (on) =>
      on
        .onRef('d.app_id', '=', 'p.app_id')
        .onRef('d.instance', '=', 'p.instance')
        .onRef('d.crash_uid', '=', 'p.crash_uid'),
    )
    .select('p.bytes')
    .where('p.app_id', '=', appId)
    .where('p.instance', '=', instance)
    .where('p.crash_uid', '=', crashUid)
    .where('p.position', '=', position)
    .where((of) => of('c.have', '=', of.ref('c.size')))
    .where('d.deleted_at', 'is', null)
    .where('d.expires_at', '>', nowMs)
    .executeTakeFirst();
  return row?.bytes ?? null;
}

/** Those of an app that are here as a whole, by instance and crash. */
export async function completeCopies({ reader }: Database, appId: number): Promise<Set<string>> {
  const rows = await reader
    .selectFrom('dump_copies')
    .select(['instance', 'crash_uid'])
    .where('app_id', '=', appId)
    .where((of) => of('have', '=', of.ref('size')))
    .execute();
  return new Set(rows.map(({ instance, crash_uid }) => copyKey(instance, crash_uid)));
}

export const copyKey = (instance: string, crashUid: string): string => `${crashUid} ${instance}`;

/** Unfinished ones have their whole room. */
async function readTaken(from: Pick<WriteTransaction, 'selectFrom'>, appId: number): Promise<Taken> {
  const { all, app, count } = await from
    .selectFrom('dump_copies')
    .select([
      sql<number>`coalesce(sum(size), 0)`.as('all'),
      sql<number>`coalesce(sum(case when app_id = ${appId} then size else 0 end), 0)`.as('app'),
      sql<number>`count(*)`.as('count'),
    ])
    .executeTakeFirstOrThrow();
  return { all: Number(all), app: Number(app), count: Number(count) };
}

function hasRoom({ all, app, count }: Taken, size: number, roomBytes: number): boolean {
  return count < MOST_COPIES && all + size <= roomBytes && app + size <= roomOfApp(roomBytes);
}

type Key = { app_id: number; instance: string; crash_uid: string };
type Filtered<Query> = { where(column: keyof Key, operator: '=', value: string | number): Query };

function ofKey<Query extends Filtered<Query>>(query: Query, key: Key): Query {
  return query
    .where('app_id', '=', key.app_id)
    .where('instance', '=', key.instance)
    .where('crash_uid', '=', key.crash_uid);
}

/** So that open pages show it. */
async function noteChange(transaction: WriteTransaction, appId: number): Promise<void> {
  await transaction
    .updateTable('app_activity')
    .set((of) => ({ changes: of('changes', '+', 1) }))
    .where('app_id', '=', appId)
    .execute();
}
