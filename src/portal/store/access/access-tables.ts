import type { Database } from '../database/database.ts';
import { storableText } from '../database/json-rows.ts';
import type { AccessStore, AuditEntry } from './access-store.ts';
import {
  addGrant,
  createAccount,
  createFirstAccount,
  listAccounts,
  readAccount,
  readAccountByName,
  removeAccount,
  removeGrant,
  setPassword,
} from './accounts.ts';
import { createApiToken, listApiTokens, readApiToken, revokeApiToken } from './api-tokens.ts';
import { takeAttempt } from './attempts.ts';
import { readOneTimeLink, takeOneTimeLink } from './links.ts';
import { createSession, listSessions, readSession } from './sessions.ts';
import { createToken, listTokens, readToken, revokeToken } from './tokens.ts';

/** Stored as a portal key, although it is no secret. */
const BASE_URL = 'base-url';

export function accessTables(database: Database): AccessStore {
  const { writer } = database;
  return {
    accounts: () => listAccounts(database),
    account: (id) => readAccount(database, storableText(id)),
    accountByName: (name) => readAccountByName(database, storableText(name)),
    createAccount: (account) => createAccount(database, { ...account, name: storableText(account.name) }),
    createFirstAccount: (account) =>
      createFirstAccount(database, { ...account, name: storableText(account.name) }),
    setPassword: (accountId, passwordHash) => setPassword(database, accountId, passwordHash),
    async replacePasswordHash(accountId, from, to) {
      const query = writer.updateTable('accounts').set({ password_hash: to }).where('id', '=', accountId);
      await query.where('password_hash', '=', from).execute();
    },
    addGrant: (accountId, { app, role }) => addGrant(database, accountId, { app: storableText(app), role }),
    removeGrant: (accountId, app) => removeGrant(database, accountId, storableText(app)),
    removeAccount: (accountId) => removeAccount(database, accountId),
    async noteSignIn(accountId, atMs) {
      await writer.updateTable('accounts').set({ last_sign_in: atMs }).where('id', '=', accountId).execute();
    },
    createSession: (session) =>
      createSession(database, { ...session, userAgent: storableText(session.userAgent) }),
    sessionBySecret: (secretHash, nowMs, idleMs) => readSession(database, secretHash, nowMs, idleMs),
    sessions: (accountId, nowMs) => listSessions(database, accountId, nowMs),
    async endSession(id) {
      await writer.deleteFrom('sessions').where('id', '=', id).execute();
    },
    async endSessionsOf(accountId, exceptId = '') {
      await writer
        .deleteFrom('sessions')
        .where('account_id', '=', accountId)
        .where('id', '!=', exceptId)
        .execute();
    },
    async baseUrl() {
      const query = database.reader.selectFrom('portal_keys').select('secret').where('name', '=', BASE_URL);
      return (await query.executeTakeFirst())?.secret ?? null;
    },
    async keepBaseUrl(url) {
      await writer
        .insertInto('portal_keys')
        .values({ name: BASE_URL, secret: url })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ secret: url }))
        .execute();
    },
    async createOneTimeLink({ secretHash, purpose, accountId, expiresAtMs }) {
      await writer
        .insertInto('links')
        .values({ secret_hash: secretHash, purpose, account_id: accountId, expires_at: expiresAtMs })
        .execute();
    },
    oneTimeLink: (secretHash, purpose, nowMs) => readOneTimeLink(database, secretHash, purpose, nowMs),
    takeOneTimeLink: (secretHash, purpose, nowMs) => takeOneTimeLink(database, secretHash, purpose, nowMs),
    async removeLinksOf(accountId) {
      await writer.deleteFrom('links').where('account_id', '=', accountId).execute();
    },
    tokens: (app) => listTokens(database, storableText(app)),
    createToken: (token) =>
      createToken(database, {
        ...token,
        app: storableText(token.app),
        label: storableText(token.label),
      }),
    tokenBySecret: (secretHash) => readToken(database, secretHash),
    async noteTokenUse(id, atMs) {
      await writer.updateTable('tokens').set({ last_used: atMs }).where('id', '=', id).execute();
    },
    revokeToken: (id, atMs) => revokeToken(database, storableText(id), atMs),
    apiTokens: (accountId) => listApiTokens(database, accountId),
    createApiToken: (token) =>
      createApiToken(database, {
        ...token,
        name: storableText(token.name),
        apps: token.apps?.map(storableText) ?? null,
      }),
    apiToken: (id) => readApiToken(database, id),
    async noteApiTokenUse(id, atMs) {
      await writer.updateTable('api_tokens').set({ last_used: atMs }).where('id', '=', id).execute();
    },
    revokeApiToken: (id, atMs) => revokeApiToken(database, storableText(id), atMs),
    async audit({ atMs, who, what, app, detail }) {
      const texts = { who: storableText(who), what: storableText(what), detail: storableText(detail) };
      await writer
        .insertInto('audit')
        .values({ at: atMs, app: app === null ? null : storableText(app), ...texts })
        .execute();
    },
    auditEntries: (app, limit) => readAudit(database, storableText(app), limit),
    takeAttempt: (key, limits, nowMs) => takeAttempt(database, key, limits, nowMs),
    async forgetAttempts(key) {
      await writer.deleteFrom('failures').where('failed_key', '=', key).execute();
    },
  };
}

async function readAudit({ reader }: Database, app: string | '*', limit: number): Promise<AuditEntry[]> {
  let query = reader.selectFrom('audit').select(['at', 'who', 'what', 'app', 'detail']);
  if (app !== '*') query = query.where('app', '=', app);
  const rows = await query.orderBy('seq', 'desc').limit(limit).execute();
  return rows.map(({ at, ...entry }) => ({ atMs: at, ...entry }));
}
