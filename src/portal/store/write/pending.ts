import { sql } from 'kysely';
import { isAmong } from '../database/of-apps.ts';
import { insertNew } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';
import type { Batch } from './batch.ts';
import type { WriteContext } from './write-context.ts';

/** Takes captures and restarts that waited for a crash of the batch into the batch. */
export async function takePending({ dialect, transaction, apps }: WriteContext, batch: Batch): Promise<void> {
  if (batch.crashes.length === 0) return;
  const keys = batch.crashes.map(({ appId, record }) => ({ app_id: appId, crash_uid: record.uid }));
  const taken = await sql<Row<'pending'>>`delete from pending where ${isAmong(dialect, 'pending', keys)}
    returning *`.execute(transaction);
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
    // The first that arrived counts.
    if (row.what === 'capture') batch.captures.set(key, sent);
    else batch.backs.set(key, sent);
  }
}

/** Stores captures and restarts whose crash has not arrived yet. */
export async function keepPending(
  { dialect, transaction }: WriteContext,
  batch: Pick<Batch, 'captures' | 'backs'>,
): Promise<void> {
  const rows = [...batch.captures.values(), ...batch.backs.values()].map(
    ({ appId, record, atMs, instance, version }): Row<'pending'> => ({
      ...{ app_id: appId, crash_uid: record.crashUid, what: record.type, at: atMs },
      ...{ instance, version, payload: JSON.stringify(record) },
    }),
  );
  if (rows.length > 0) await insertNew(dialect, 'pending', rows).execute(transaction);
}
