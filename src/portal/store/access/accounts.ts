import { randomUUID } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database, DialectName, WriteTransaction } from '../database/database.ts';
import type { Tables } from '../schema/tables.ts';
import type { Account, Grant, NewAccount } from './access-store.ts';

type Row = Selectable<Tables['accounts']>;

const nameKey = (name: string): string => name.normalize('NFC').toLowerCase();

export async function listAccounts({ reader }: Database): Promise<Account[]> {
  const rows = await reader.selectFrom('accounts').selectAll().orderBy('name_key').execute();
  const grants = await reader.selectFrom('grants').selectAll().orderBy('app').execute();
  const byAccount = Map.groupBy(grants, ({ account_id }) => account_id);
  return rows.map((row) => accountOf(row, byAccount.get(row.id) ?? []));
}

/** Takes the same time for a name that does not exist, so that the time does not reveal names. */
export async function readAccountByName(
  { reader }: Database,
  name: string,
): Promise<(Account & { passwordHash: string }) | null> {
  const key = nameKey(name);
  const [row, grants] = await Promise.all([
    reader.selectFrom('accounts').selectAll().where('name_key', '=', key).executeTakeFirst(),
    reader
      .selectFrom('grants')
      .innerJoin('accounts', 'accounts.id', 'grants.account_id')
      .select(['app', 'role'])
      .where('name_key', '=', key)
      .orderBy('app')
      .execute(),
  ]);
  return row === undefined ? null : { ...accountOf(row, grants), passwordHash: row.password_hash };
}

export async function readAccount(database: Database, id: string): Promise<Account | null> {
  const row = await database.reader
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : withGrants(database, row);
}

export async function createAccount({ writer }: Database, account: NewAccount): Promise<Account> {
  return writer.transaction().execute(async (transaction) => {
    const row = await insertAccount(transaction, account);
    if (row === null) {
      throw new CrashmonError(
        'BAD_REQUEST',
        'An account with this name already exists: choose another name.',
      );
    }
    return accountOf(row, account.grants);
  });
}

export async function createFirstAccount(
  { dialect, writer }: Database,
  first: Omit<NewAccount, 'grants'>,
): Promise<Account | null> {
  return writer.transaction().execute(async (transaction) => {
    await oneAtATime(dialect, transaction);
    const other = await transaction.selectFrom('accounts').select('id').limit(1).executeTakeFirst();
    if (other !== undefined) return null;
    const grants: Grant[] = [{ app: '*', role: 'admin' }];
    const row = await insertAccount(transaction, { ...first, grants });
    await transaction.deleteFrom('links').where('account_id', 'is', null).execute();
    return row === null ? null : accountOf(row, grants);
  });
}

export async function setPassword({ writer }: Database, id: string, passwordHash: string): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    const change = { password_hash: passwordHash };
    await transaction.updateTable('accounts').set(change).where('id', '=', id).execute();
    await transaction.deleteFrom('links').where('account_id', '=', id).execute();
  });
}

export async function addGrant({ dialect, writer }: Database, id: string, grant: Grant): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    await oneAtATime(dialect, transaction);
    const account = await transaction
      .selectFrom('accounts')
      .select('id')
      .where('id', '=', id)
      .executeTakeFirst();
    if (account === undefined) throw new CrashmonError('NO_SUCH_ACCOUNT', 'The account was removed.');
    const wasOwner = await isOwner(transaction, id);
    await transaction
      .insertInto('grants')
      .values({ account_id: id, ...grant })
      .onConflict((conflict) => conflict.columns(['account_id', 'app']).doUpdateSet({ role: grant.role }))
      .execute();
    if (wasOwner) await requireAnOwner(transaction);
  });
}

export async function removeGrant({ dialect, writer }: Database, id: string, app: string): Promise<boolean> {
  return writer.transaction().execute(async (transaction) => {
    await oneAtATime(dialect, transaction);
    const wasOwner = await isOwner(transaction, id);
    const result = await transaction
      .deleteFrom('grants')
      .where('account_id', '=', id)
      .where('app', '=', app)
      .executeTakeFirst();
    if (wasOwner) await requireAnOwner(transaction);
    return result.numDeletedRows > 0n;
  });
}

export async function removeAccount({ dialect, writer }: Database, id: string): Promise<boolean> {
  return writer.transaction().execute(async (transaction) => {
    await oneAtATime(dialect, transaction);
    const wasOwner = await isOwner(transaction, id);
    await transaction.deleteFrom('sessions').where('account_id', '=', id).execute();
    await transaction.deleteFrom('links').where('account_id', '=', id).execute();
    await transaction.deleteFrom('grants').where('account_id', '=', id).execute();
    const result = await transaction.deleteFrom('accounts').where('id', '=', id).executeTakeFirst();
    if (wasOwner) await requireAnOwner(transaction);
    return result.numDeletedRows > 0n;
  });
}

/** Rolls the transaction back if the portal would lose its last owner. */
async function requireAnOwner(transaction: WriteTransaction): Promise<void> {
  if (await isOwner(transaction, null)) return;
  throw new CrashmonError(
    'NOT_ALLOWED',
    'This is the last owner of the portal. Make another account an owner first.',
  );
}

/** @param id null: is there any owner? */
async function isOwner(transaction: WriteTransaction, id: string | null): Promise<boolean> {
  let query = transaction.selectFrom('grants').select('account_id').where('app', '=', '*');
  if (id !== null) query = query.where('account_id', '=', id);
  return (await query.where('role', '=', 'admin').limit(1).executeTakeFirst()) !== undefined;
}

/** Any number that nothing else in the database is likely to use as a lock. */
const ACCOUNTS_LOCK = 4_206_190_732;

/** Serializes transactions that depend on all accounts. SQLite has only one writer. */
async function oneAtATime(dialect: DialectName, transaction: WriteTransaction): Promise<void> {
  if (dialect !== 'sqlite')
    await sql`select pg_advisory_xact_lock(${sql.lit(ACCOUNTS_LOCK)})`.execute(transaction);
}

/** null if the name is taken. */
async function insertAccount(transaction: WriteTransaction, account: NewAccount): Promise<Row | null> {
  const row: Row = {
    id: randomUUID(),
    name: account.name,
    name_key: nameKey(account.name),
    password_hash: account.passwordHash,
    created_at: account.atMs,
    last_sign_in: null,
  };
  const result = await transaction
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('name_key').doNothing())
    .executeTakeFirst();
  if ((result.numInsertedOrUpdatedRows ?? 0n) === 0n) return null;
  await putGrants(transaction, row.id, account.grants);
  return row;
}

async function putGrants(
  transaction: WriteTransaction,
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
