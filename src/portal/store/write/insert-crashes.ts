import { sql } from 'kysely';
import { crashRowOf } from '../crash-row.ts';
import { insertNew } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';
import type { Batch } from './batch.ts';
import type { NewCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

/** Inserts crashes. The captures and restarts of known ones go back into the batch. @returns the inserted ones */
export async function insertCrashes(
  { dialect, transaction }: WriteContext,
  batch: Batch,
  crashes: readonly NewCrash[],
): Promise<NewCrash[]> {
  if (crashes.length === 0) return [];
  const { rows } = await sql<Pick<Row<'crashes'>, 'app_id' | 'uid' | 'at'>>`
    ${insertNew(dialect, 'crashes', crashes.map(crashRowOf))} returning app_id, uid, at`.execute(transaction);
  const inserted = new Set(rows.map(({ app_id, uid, at }) => keyOf(app_id, uid, at)));
  return crashes.filter(({ appId, uid, atMs, sent, capture, back }) => {
    if (inserted.has(keyOf(appId, uid, atMs))) {
      sent.stored.crashes++;
      return true;
    }
    sent.stored.duplicates++;
    if (capture !== null) batch.captures.set(keyOf(appId, uid), capture);
    if (back !== null) batch.backs.set(keyOf(appId, uid), back);
    return false;
  });
}
