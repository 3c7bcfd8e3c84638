import { sql } from 'kysely';
import type { CrashKind } from '../../../model/exit.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { keyOf } from './batch.ts';

export type KnownCrash = {
  app_id: number;
  uid: string;
  at: number;
  instance: string;
  version: string | null;
  kind: CrashKind;
  status: string;
  signature: string;
  cause: string;
  back_after_ms: number | null;
  report_hash: string | null;
};

/** Crashes that are stored, by app and uid; of several with one uid the earliest. */
export async function findCrashes(
  dialect: DialectName,
  transaction: WriteTransaction,
  keys: readonly Cell[][],
): Promise<Map<string, KnownCrash>> {
  const found = new Map<string, KnownCrash>();
  if (keys.length === 0) return found;
  const rows = jsonRows(dialect, { app_id: 'int', uid: 'text' }, keys);
  const result = await sql<KnownCrash>`
    select c.app_id, c.uid, c.at, c.instance, c.version, c.kind, c.status, c.signature, c.cause, c.back_after_ms,
      c.report_hash
    from ${rows} as r join crashes as c on c.app_id = r.app_id and c.uid = r.uid`.execute(transaction);
  for (const crash of result.rows) {
    const key = keyOf(crash.app_id, crash.uid);
    const other = found.get(key);
    if (other === undefined || crash.at < other.at) found.set(key, crash);
  }
  return found;
}
