import { randomBytes } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { DEFAULT_PREFERENCES, type NotificationPreferences } from '../../../notify/preferences.ts';
import type { WebhookPreset } from '../../../notify/webhook/webhook-target.ts';
import type { Database } from '../database/database.ts';
import { storableText } from '../database/json-rows.ts';
import type { Tables } from '../schema/tables.ts';
import type { NotificationSettings, NotificationStore, NotificationTarget } from './notification-store.ts';

/** For more there are mailing lists and channels. */
const MOST_TARGETS = 50;

export async function readSettings(from: Kysely<Tables>, app: string): Promise<NotificationSettings> {
  const row = await from.selectFrom('notice_settings').selectAll().where('app', '=', app).executeTakeFirst();
  const targets = await from
    .selectFrom('notice_targets')
    .selectAll()
    .where('app', '=', app)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return {
    isDefault: row === undefined || row.own_targets === 0,
    preferences:
      row === undefined ? DEFAULT_PREFERENCES : (JSON.parse(row.preferences) as NotificationPreferences),
    targets: targets.map(targetOf),
  };
}

export async function savePreferences(
  from: Kysely<Tables>,
  app: string,
  preferences: NotificationPreferences,
  by: string,
  nowMs: number,
): Promise<void> {
  const row = { preferences: JSON.stringify(preferences), changed_at: nowMs, changed_by: storableText(by) };
  await from
    .insertInto('notice_settings')
    .values({ app, ...row, own_targets: 0 })
    .onConflict((conflict) => conflict.column('app').doUpdateSet(row))
    .execute();
}

/** The first recipient of an app's own ends the default ones. */
async function endDefault(from: Kysely<Tables>, app: string, by: string, nowMs: number): Promise<void> {
  const preferences = JSON.stringify(DEFAULT_PREFERENCES);
  await from
    .insertInto('notice_settings')
    .values({ app, preferences, own_targets: 1, changed_at: nowMs, changed_by: storableText(by) })
    .onConflict((conflict) => conflict.column('app').doUpdateSet({ own_targets: 1 }))
    .execute();
}

export async function addTarget(
  { writer }: Database,
  app: string,
  target: Parameters<NotificationStore['addTarget']>[1],
  by: string,
  nowMs: number,
): Promise<NotificationTarget | null> {
  return writer.transaction().execute(async (transaction) => {
    const { targets } = await readSettings(transaction, app);
    const same = targets.find(({ type, address }) => type === target.type && address === target.address);
    if (same === undefined && targets.length >= MOST_TARGETS) return null;
    const row = {
      app,
      id: same?.id ?? randomBytes(8).toString('hex'),
      ...target,
      created_at: nowMs,
      created_by: storableText(by),
      stopped_at: null,
      stopped_by: null,
    };
    await endDefault(transaction, app, by, nowMs);
    if (same !== undefined) await deleteTarget(transaction, app, same.id);
    await transaction.insertInto('notice_targets').values(row).execute();
    return targetOf(row);
  });
}

export async function deleteTarget(from: Kysely<Tables>, app: string, id: string): Promise<boolean> {
  const result = await from
    .deleteFrom('notice_targets')
    .where('app', '=', app)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** For a default recipient, adds a row that says so. */
export async function stopMail(
  { writer }: Database,
  app: string,
  address: string,
  by: string,
  nowMs: number,
): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    const stopped = { stopped_at: nowMs, stopped_by: storableText(by) };
    const result = await transaction
      .updateTable('notice_targets')
      .set(stopped)
      .where('app', '=', app)
      .where('type', '=', 'mail')
      .where('address', '=', address)
      .executeTakeFirst();
    if (result.numUpdatedRows > 0n) return;
    const row = { app, id: randomBytes(8).toString('hex'), type: 'mail' as const, address, preset: null };
    await transaction
      .insertInto('notice_targets')
      .values({ ...row, secret: null, created_at: nowMs, created_by: storableText(by), ...stopped })
      .execute();
  });
}

export async function readKey({ reader, writer }: Database, name: string): Promise<string> {
  const read = (from: Kysely<Tables>) =>
    from.selectFrom('portal_keys').select('secret').where('name', '=', name).executeTakeFirst();
  const known = await read(reader);
  if (known !== undefined) return known.secret;
  await writer
    .insertInto('portal_keys')
    .values({ name, secret: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  return (await read(writer))?.secret ?? '';
}

export const targetOf = (row: Selectable<Tables['notice_targets']>): NotificationTarget => ({
  id: row.id,
  type: row.type,
  address: row.address,
  preset: row.preset as WebhookPreset | null,
  secret: row.secret,
  createdAtMs: row.created_at,
  createdBy: row.created_by,
  stoppedAtMs: row.stopped_at,
  stoppedBy: row.stopped_by,
});
