import { counter, int, nullable, type Table, table, text } from './column.ts';

/** The tables of accounts, tokens and what admins did; a part of `TABLES`. */
export const ACCESS_TABLES = {
  accounts: table(['id'], {
    id: text(),
    name: text(),
    /** For comparing: normalized, lower case. */
    name_key: text(),
    password_hash: text(),
    created_at: int(),
    last_sign_in: nullable(int()),
  }),
  grants: table(['account_id', 'app'], {
    account_id: text(),
    app: text(),
    role: text<'viewer' | 'admin'>(),
  }),
  sessions: table(['id'], {
    id: text(),
    secret_hash: text(),
    account_id: text(),
    created_at: int(),
    last_seen: int(),
    expires_at: int(),
    user_agent: text(),
  }),
  links: table(['secret_hash'], {
    secret_hash: text(),
    purpose: text<'setup' | 'sign-in'>(),
    account_id: nullable(text()),
    expires_at: int(),
  }),
  tokens: table(['id'], {
    id: text(),
    app: text(),
    label: text(),
    secret_hash: text(),
    created_at: int(),
    created_by: text(),
    last_used: nullable(int()),
    revoked_at: nullable(int()),
  }),
  api_tokens: table(['id'], {
    id: text(),
    name: text(),
    secret_hash: text(),
    account_id: text(),
    /** Words, separated by spaces. */
    scopes: text(),
    /** JSON; null: all that the account can see. */
    apps: nullable(text()),
    created_at: int(),
    created_by: text(),
    expires_at: int(),
    last_used: nullable(int()),
    revoked_at: nullable(int()),
  }),
  audit: table(['seq'], {
    seq: counter(),
    at: int(),
    who: text(),
    what: text(),
    app: nullable(text()),
    detail: text(),
  }),
  failures: table(['seq'], {
    seq: counter(),
    failed_key: text(),
    at: int(),
  }),
} as const satisfies Readonly<Record<string, Table>>;
