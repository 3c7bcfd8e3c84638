import type { Database } from '../database/database.ts';
import type { LinkPurpose } from './access-store.ts';

export async function readOneTimeLink(
  { reader }: Database,
  secretHash: string,
  purpose: LinkPurpose,
  nowMs: number,
): Promise<{ accountId: string | null } | null> {
  const row = await reader
    .selectFrom('links')
    .select('account_id')
    .where('secret_hash', '=', secretHash)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', nowMs)
    .executeTakeFirst();
  return row === undefined ? null : { accountId: row.account_id };
}

/** Only one caller can delete the row. */
export async function takeOneTimeLink(
  { writer }: Database,
  secretHash: string,
  purpose: LinkPurpose,
  nowMs: number,
): Promise<{ accountId: string | null } | null> {
  const row = await writer
    .deleteFrom('links')
    .where('secret_hash', '=', secretHash)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', nowMs)
    .returning('account_id')
    .executeTakeFirst();
  return row === undefined ? null : { accountId: row.account_id };
}
