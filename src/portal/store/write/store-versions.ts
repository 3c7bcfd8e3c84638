import { earliest, latest, upsertRows } from '../database/write-rows.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';
import type { Batch } from './batch.ts';
import type { WriteContext } from './write-context.ts';

/** When each version of an app was first and last seen. */
export async function storeVersions(
  { dialect, transaction, nowMs }: WriteContext,
  { crashes, states, heartbeats }: Batch,
): Promise<void> {
  const rows = new Map<string, Row<'versions'>>();
  for (const { appId, version, ...sent } of [...crashes, ...states, ...heartbeats]) {
    if (version === null) continue;
    const atMs = Math.min(sent.atMs, nowMs);
    const key = keyOf(appId, version);
    const row = rows.get(key) ?? { app_id: appId, version, first_seen: atMs, last_seen: atMs };
    row.first_seen = Math.min(row.first_seen, atMs);
    row.last_seen = Math.max(row.last_seen, atMs);
    rows.set(key, row);
  }
  if (rows.size === 0) return;
  const changes = [earliest('first_seen'), latest('last_seen')];
  await upsertRows(dialect, 'versions', [...rows.values()], changes).execute(transaction);
}
