import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { storableText } from '../database/json-rows.ts';
import type { AccessStore, AuditEntry } from '../portal-store.ts';
import { createAccount, listAccounts, readAccountByName, removeAccount, setGrants } from './accounts.ts';
import { createSession, listSessions, readSession, takeOneTimeLink } from './sessions.ts';
import { createToken, listTokens, readToken, revokeToken } from './tokens.ts';

/** Accounts and everything that lets somebody or something in. */
export function accessTables(database: Database): AccessStore {
  const { reader, writer } = database;
  return {
    accounts: () => listAccounts(database),
    accountByName: (name) => readAccountByName(database, storableText(name)),
    createAccount: (account) => createAccount(database, { ...account, name: storableText(account.name) }),
    async setPassword(accountId, passwordHash) {
      const change = { password_hash: passwordHash };
      await writer.updateTable('accounts').set(change).where('id', '=', accountId).execute();
    },
    setGrants: (accountId, grants) => setGrants(database, accountId, grants),
    removeAccount: (accountId) => removeAccount(database, accountId),
    async noteSignIn(accountId, atMs) {
      await writer.updateTable('accounts').set({ last_sign_in: atMs }).where('id', '=', accountId).execute();
    },
    createSession: (session) =>
      createSession(database, { ...session, userAgent: storableText(session.userAgent) }),
    sessionBySecret: (secretHash, nowMs) => readSession(database, secretHash, nowMs),
    sessions: (accountId, nowMs) => listSessions(database, accountId, nowMs),
    async endSession(id) {
      await writer.deleteFrom('sessions').where('id', '=', id).execute();
    },
    async endSessionsOf(accountId) {
      await writer.deleteFrom('sessions').where('account_id', '=', accountId).execute();
    },
    async createOneTimeLink({ secretHash, purpose, accountId, expiresAtMs }) {
      await writer
        .insertInto('links')
        .values({ secret_hash: secretHash, purpose, account_id: accountId, expires_at: expiresAtMs })
        .execute();
    },
    takeOneTimeLink: (secretHash, purpose, nowMs) => takeOneTimeLink(database, secretHash, purpose, nowMs),
    tokens: (app) => listTokens(database, app),
    createToken: (token) => createToken(database, { ...token, label: storableText(token.label) }),
    tokenBySecret: (secretHash) => readToken(database, secretHash),
    async noteTokenUse(id, atMs) {
      await writer.updateTable('tokens').set({ last_used: atMs }).where('id', '=', id).execute();
    },
    revokeToken: (id, atMs) => revokeToken(database, id, atMs),
    async audit({ atMs, who, what, app, detail }) {
      const texts = { who: storableText(who), what: storableText(what), detail: storableText(detail) };
      await writer
        .insertInto('audit')
        .values({ at: atMs, app, ...texts })
        .execute();
    },
    auditEntries: (app, limit) => readAudit(database, app, limit),
    async countFailures(key, sinceMs) {
      const row = await reader
        .selectFrom('failures')
        .select(sql<number>`cast(count(*) as bigint)`.as('n'))
        .where('failed_key', '=', storableText(key))
        .where('at', '>=', sinceMs)
        .executeTakeFirst();
      return row?.n ?? 0;
    },
    async noteFailure(key, atMs) {
      await writer
        .insertInto('failures')
        .values({ failed_key: storableText(key), at: atMs })
        .execute();
    },
    async forgetFailures(key) {
      await writer.deleteFrom('failures').where('failed_key', '=', storableText(key)).execute();
    },
  };
}

async function readAudit({ reader }: Database, app: string | '*', limit: number): Promise<AuditEntry[]> {
  let query = reader.selectFrom('audit').select(['at', 'who', 'what', 'app', 'detail']);
  if (app !== '*') query = query.where('app', '=', app);
  const rows = await query.orderBy('seq', 'desc').limit(limit).execute();
  return rows.map(({ at, ...entry }) => ({ atMs: at, ...entry }));
}
