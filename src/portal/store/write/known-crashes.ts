import { sql } from 'kysely';
import { joinStored } from '../database/of-apps.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';
import type { Batch } from './batch.ts';
import type { WriteContext } from './write-context.ts';

const COLUMNS = [
  'app_id',
  'uid',
  'at',
  'instance',
  'version',
  'kind',
  'suspected',
  'reason',
  'status',
  'signature',
  'cause',
  'back_after_ms',
  'impact',
  'report_hash',
] as const;

export type KnownCrash = Pick<Row<'crashes'>, (typeof COLUMNS)[number]>;

/** Stored crashes by app and uid; of several with one uid the earliest. */
export async function findCrashes(
  { dialect, transaction }: WriteContext,
  keys: readonly Pick<Row<'crashes'>, 'app_id' | 'uid'>[],
): Promise<Map<string, KnownCrash>> {
  const found = new Map<string, KnownCrash>();
  if (keys.length === 0) return found;
  const { rows } = await sql<KnownCrash>`select ${sql.raw(COLUMNS.map((name) => `c.${name}`).join(', '))}
    ${joinStored(dialect, 'crashes', 'c', keys)}`.execute(transaction);
  for (const crash of rows) {
    const key = keyOf(crash.app_id, crash.uid);
    const other = found.get(key);
    if (other === undefined || crash.at < other.at) found.set(key, crash);
  }
  return found;
}

/** A replaced time differs each time the crash is sent, so such a crash is recognized by its uid alone. */
export async function dropKnownClamped(context: WriteContext, batch: Batch): Promise<void> {
  const keys = batch.crashes
    .filter(({ clamped }) => clamped)
    .map(({ appId, record }) => ({ app_id: appId, uid: record.uid }));
  if (keys.length === 0) return;
  const known = await findCrashes(context, keys);
  batch.crashes = batch.crashes.filter(({ appId, record, stored, clamped }) => {
    if (!clamped || !known.has(keyOf(appId, record.uid))) return true;
    stored.duplicates++;
    return false;
  });
}
