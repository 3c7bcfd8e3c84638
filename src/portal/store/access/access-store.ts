export type Role = 'viewer' | 'admin';
/** `*` is every app, including future ones. */
export type Grant = { app: string; role: Role };
export type Account = {
  id: string;
  name: string;
  grants: Grant[];
  createdAtMs: number;
  lastSignInMs: number | null;
};
export type NewAccount = { name: string; passwordHash: string; grants: Grant[]; atMs: number };

export type AccountStore = {
  accounts(): Promise<Account[]>;
  account(id: string): Promise<Account | null>;
  /** Ignores case. */
  accountByName(name: string): Promise<(Account & { passwordHash: string }) | null>;
  /** @throws CrashmonError BAD_REQUEST if the name is taken */
  createAccount(account: NewAccount): Promise<Account>;
  /** Also deletes all setup links. null if there is an account already. */
  createFirstAccount(account: Omit<NewAccount, 'grants'>): Promise<Account | null>;
  /** Also deletes the account's one-time links. */
  setPassword(accountId: string, passwordHash: string): Promise<void>;
  /** Replaces the hash of the same password; does nothing if the password changed meanwhile. */
  replacePasswordHash(accountId: string, from: string, to: string): Promise<void>;
  /**
   * Replaces the account's role for the same app.
   * @throws CrashmonError NO_SUCH_ACCOUNT; NOT_ALLOWED if the portal would lose its last owner
   */
  addGrant(accountId: string, grant: Grant): Promise<void>;
  /** @returns did it exist? @throws CrashmonError NOT_ALLOWED if the portal would lose its last owner */
  removeGrant(accountId: string, app: string): Promise<boolean>;
  /** Also deletes its sessions and links. @returns did it exist? @throws as `removeGrant` */
  removeAccount(accountId: string): Promise<boolean>;
  noteSignIn(accountId: string, atMs: number): Promise<void>;
};

export type Session = {
  id: string;
  account: Account;
  createdAtMs: number;
  lastSeenMs: number;
  userAgent: string;
};

export type SessionStore = {
  /** `secretHash`: SHA-256 of the cookie's secret, hex. */
  createSession(session: {
    secretHash: string;
    accountId: string;
    atMs: number;
    expiresAtMs: number;
    userAgent: string;
  }): Promise<void>;
  /**
   * Also notes that the session was seen; `lastSeenMs` is the time before. null if it ended, or was not seen for longer
   * than `idleMs`.
   */
  sessionBySecret(secretHash: string, nowMs: number, idleMs: number): Promise<Session | null>;
  sessions(accountId: string, nowMs: number): Promise<Session[]>;
  endSession(id: string): Promise<void>;
  endSessionsOf(accountId: string, exceptId?: string): Promise<void>;
};

export type LinkPurpose = 'setup' | 'sign-in';

export type LinkStore = {
  /** One-time links: the first account, a password of an account, and the demo's sign-in. */
  createOneTimeLink(link: {
    secretHash: string;
    purpose: LinkPurpose;
    accountId: string | null;
    expiresAtMs: number;
  }): Promise<void>;
  /** Reads a link without using it up. */
  oneTimeLink(
    secretHash: string,
    purpose: LinkPurpose,
    nowMs: number,
  ): Promise<{ accountId: string | null } | null>;
  /** Uses a link up: only one caller gets it. */
  takeOneTimeLink(
    secretHash: string,
    purpose: LinkPurpose,
    nowMs: number,
  ): Promise<{ accountId: string | null } | null>;
  removeLinksOf(accountId: string): Promise<void>;
};

export type IngestToken = {
  id: string;
  app: string;
  label: string;
  createdAtMs: number;
  createdBy: string;
  lastUsedMs: number | null;
  revokedAtMs: number | null;
};

export type TokenStore = {
  tokens(app: string | '*'): Promise<IngestToken[]>;
  createToken(token: {
    app: string;
    label: string;
    secretHash: string;
    by: string;
    atMs: number;
  }): Promise<IngestToken>;
  /** Also returns revoked tokens; see `revokedAtMs`. */
  tokenBySecret(secretHash: string): Promise<IngestToken | null>;
  noteTokenUse(id: string, atMs: number): Promise<void>;
  /** @returns was it valid until now? */
  revokeToken(id: string, atMs: number): Promise<boolean>;
};

/** What an API token reads. */
export type ApiScope = 'crashes:read' | 'fleet:read' | 'metrics:read';

/** Lets a program read what an account can see. */
export type ApiToken = {
  /** Part of the token, and no secret. */
  id: string;
  name: string;
  accountId: string;
  scopes: ApiScope[];
  /** null: all that the account can see. */
  apps: string[] | null;
  createdAtMs: number;
  createdBy: string;
  expiresAtMs: number;
  lastUsedMs: number | null;
  revokedAtMs: number | null;
};

export type ApiTokenStore = {
  /** Newest first, also those that are no longer valid. */
  apiTokens(accountId: string | '*'): Promise<ApiToken[]>;
  createApiToken(
    token: Omit<ApiToken, 'lastUsedMs' | 'revokedAtMs'> & { secretHash: string },
  ): Promise<ApiToken>;
  /** Valid or not. */
  apiToken(id: string): Promise<(ApiToken & { secretHash: string }) | null>;
  noteApiTokenUse(id: string, atMs: number): Promise<void>;
  /** @returns was it not revoked until now? */
  revokeApiToken(id: string, atMs: number): Promise<boolean>;
};

export type AuditEntry = { atMs: number; who: string; what: string; app: string | null; detail: string };

export type AuditStore = {
  audit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  auditEntries(app: string | '*', limit: number): Promise<AuditEntry[]>;
};

/** At most `most` attempts within any `withinMs`. */
export type AttemptLimit = { most: number; withinMs: number };

export type AttemptStore = {
  /**
   * Counts an attempt for the key if all limits allow it; across all processes, so that no two of them take the last
   * one. @returns 0, or the milliseconds to wait, and nothing was counted
   */
  takeAttempt(key: string, limits: readonly AttemptLimit[], nowMs: number): Promise<number>;
  forgetAttempts(key: string): Promise<void>;
};

export type BaseUrlStore = {
  /** Address of the portal that started last; null before the first start. */
  baseUrl(): Promise<string | null>;
  keepBaseUrl(url: string): Promise<void>;
};

/** Who can sign in and what they can see; which senders are accepted. */
export type AccessStore = AccountStore &
  SessionStore &
  LinkStore &
  TokenStore &
  ApiTokenStore &
  AuditStore &
  AttemptStore &
  BaseUrlStore;
