import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { type Batch, keyOf } from './batch.ts';

/** Takes what came before its crash out of where it waited, into the batch with its crash. */
export async function takePending(
  dialect: DialectName,
  transaction: WriteTransaction,
  batch: Batch,
  apps: ReadonlyMap<number, string>,
): Promise<void> {
  if (batch.crashes.length === 0) return;
  const cells = batch.crashes.map(({ appId, record }) => [appId, record.uid]);
  const rows = jsonRows(dialect, { app_id: 'int', uid: 'text' }, cells);
  const taken = await sql<{
    app_id: number;
    crash_uid: string;
    what: 'capture' | 'back';
    at: number;
    instance: string;
    version: string | null;
    payload: string;
  }>`delete from pending where (app_id, crash_uid) in (select r.app_id, r.uid from ${rows} as r)
    returning app_id, crash_uid, what, at, instance, version, payload`.execute(transaction);
  for (const row of taken.rows) {
    const key = keyOf(row.app_id, row.crash_uid);
    const sent = {
      appId: row.app_id,
      app: apps.get(row.app_id) ?? '',
      instance: row.instance,
      version: row.version,
      atMs: row.at,
      record: JSON.parse(row.payload),
    };
    // It came first, so it is the one that counts.
    if (row.what === 'capture') batch.captures.set(key, sent);
    else batch.backs.set(key, sent);
  }
}

/** Keeps what came before its crash until that comes. */
export async function keepPending(
  dialect: DialectName,
  transaction: WriteTransaction,
  batch: Pick<Batch, 'captures' | 'backs'>,
): Promise<void> {
  const all = [...batch.captures.values(), ...batch.backs.values()];
  if (all.length === 0) return;
  const columns = {
    app_id: 'int',
    crash_uid: 'text',
    what: 'text',
    at: 'int',
    instance: 'text',
    version: 'text',
    payload: 'text',
  } as const;
  const cells = all.map(({ appId, record, atMs, instance, version }): Cell[] => [
    appId,
    record.crashUid,
    record.type,
    atMs,
    instance,
    version,
    JSON.stringify(record),
  ]);
  await sql`insert into pending (app_id, crash_uid, what, at, instance, version, payload)
    select r.app_id, r.crash_uid, r.what, r.at, r.instance, r.version, r.payload
    from ${jsonRows(dialect, columns, cells)} as r where true
    on conflict (app_id, crash_uid, what) do nothing`.execute(transaction);
}
