import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database } from '../database/database.ts';
import type { AccessStore, Account, Grant } from '../portal-store.ts';
import type { Tables } from '../schema/tables.ts';

type Row = Selectable<Tables['accounts']>;

const nameKey = (name: string): string => name.normalize('NFC').toLowerCase();

export async function listAccounts({ reader }: Database): Promise<Account[]> {
  const rows = await reader.selectFrom('accounts').selectAll().orderBy('name_key').execute();
  const grants = await reader.selectFrom('grants').selectAll().orderBy('app').execute();
  const byAccount = Map.groupBy(grants, ({ account_id }) => account_id);
  return rows.map((row) => accountOf(row, byAccount.get(row.id) ?? []));
}

export async function readAccountByName(
  database: Database,
  name: string,
): Promise<(Account & { passwordHash: string }) | null> {
  const row = await database.reader
    .selectFrom('accounts')
    .selectAll()
    .where('name_key', '=', nameKey(name))
    .executeTakeFirst();
  return row === undefined ? null : { ...(await withGrants(database, row)), passwordHash: row.password_hash };
}

export async function readAccount(database: Database, id: string): Promise<Account | null> {
  const row = await database.reader
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : withGrants(database, row);
}

export async function createAccount(
  { writer }: Database,
  account: Parameters<AccessStore['createAccount']>[0],
): Promise<Account> {
  const row: Row = {
    id: randomUUID(),
    name: account.name,
    name_key: nameKey(account.name),
    password_hash: account.passwordHash,
    created_at: account.atMs,
    last_sign_in: null,
  };
  await writer.transaction().execute(async (transaction) => {
    const result = await transaction
      .insertInto('accounts')
      .values(row)
      .onConflict((conflict) => conflict.column('name_key').doNothing())
      .executeTakeFirst();
    if ((result.numInsertedOrUpdatedRows ?? 0n) === 0n) {
      throw new CrashmonError(
        'BAD_REQUEST',
        'There is an account of that name already: choose another name.',
      );
    }
    await putGrants(transaction, row.id, account.grants);
  });
  return accountOf(row, account.grants);
}

export async function setGrants(
  { writer }: Database,
  accountId: string,
  grants: readonly Grant[],
): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('grants').where('account_id', '=', accountId).execute();
    await putGrants(transaction, accountId, grants);
  });
}

export async function removeAccount({ writer }: Database, accountId: string): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('sessions').where('account_id', '=', accountId).execute();
    await transaction.deleteFrom('links').where('account_id', '=', accountId).execute();
    await transaction.deleteFrom('grants').where('account_id', '=', accountId).execute();
    await transaction.deleteFrom('accounts').where('id', '=', accountId).execute();
  });
}

async function putGrants(
  transaction: Pick<Database['writer'], 'insertInto'>,
  accountId: string,
  grants: readonly Grant[],
): Promise<void> {
  const roles = new Map(grants.map(({ app, role }) => [app, role]));
  if (roles.size === 0) return;
  const rows = [...roles].map(([app, role]) => ({ account_id: accountId, app, role }));
  await transaction.insertInto('grants').values(rows).execute();
}

async function withGrants({ reader }: Database, row: Row): Promise<Account> {
  const grants = await reader
    .selectFrom('grants')
    .select(['app', 'role'])
    .where('account_id', '=', row.id)
    .orderBy('app')
    .execute();
  return accountOf(row, grants);
}

const accountOf = (row: Row, grants: readonly Grant[]): Account => ({
  id: row.id,
  name: row.name,
  grants: grants.map(({ app, role }) => ({ app, role })),
  createdAtMs: row.created_at,
  lastSignInMs: row.last_sign_in,
});
