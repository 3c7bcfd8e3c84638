export type Role = 'viewer' | 'admin';
/** `*` is every app, also those to come. */
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
  /** Name is compared without case. null: no such account. */
  accountByName(name: string): Promise<(Account & { passwordHash: string }) | null>;
  /** @throws CrashmonError BAD_REQUEST where the name is taken */
  createAccount(account: NewAccount): Promise<Account>;
  /** Uses all links for a first account up with it. null, and no account, where there is one already. */
  createFirstAccount(account: Omit<NewAccount, 'grants'>): Promise<Account | null>;
  /** Takes the account's one-time links back. */
  setPassword(accountId: string, passwordHash: string): Promise<void>;
  /** Of the same password; does nothing where it was changed meanwhile. */
  replacePasswordHash(accountId: string, from: string, to: string): Promise<void>;
  /**
   * Replaces the account's role for the same app.
   * @throws CrashmonError NO_SUCH_ACCOUNT; NOT_ALLOWED where nobody would own the portal any more
   */
  addGrant(accountId: string, grant: Grant): Promise<void>;
  /** @returns was there one? @throws CrashmonError NOT_ALLOWED where nobody would own the portal any more */
  removeGrant(accountId: string, app: string): Promise<boolean>;
  /** With its sessions and links. @returns as `removeGrant` @throws as `removeGrant` */
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
   * Notes that it was seen; `lastSeenMs` is from before. null, and not noted, where it has ended: also where it was not
   * seen for longer than `idleMs`.
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
  /** Whose it is, without using it up. */
  oneTimeLink(
    secretHash: string,
    purpose: LinkPurpose,
    nowMs: number,
  ): Promise<{ accountId: string | null } | null>;
  /** Uses it up: only one caller gets it. */
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
  /** Revoked ones too: `revokedAtMs` tells. */
  tokenBySecret(secretHash: string): Promise<IngestToken | null>;
  noteTokenUse(id: string, atMs: number): Promise<void>;
  /** @returns was there one that was not revoked? */
  revokeToken(id: string, atMs: number): Promise<boolean>;
};

export type AuditEntry = { atMs: number; who: string; what: string; app: string | null; detail: string };

export type AuditStore = {
  audit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  auditEntries(app: string | '*', limit: number): Promise<AuditEntry[]>;
};

/** So many in so long, whenever that begins. */
export type AttemptLimit = { most: number; withinMs: number };

export type AttemptStore = {
  /**
   * Counts an attempt of the key if all limits leave room for it; over all processes, so that no two of them take the
   * last one. @returns 0, or how many milliseconds to wait: then nothing was counted
   */
  takeAttempt(key: string, limits: readonly AttemptLimit[], nowMs: number): Promise<number>;
  forgetAttempts(key: string): Promise<void>;
};

export type BaseUrlStore = {
  /** Where the portal that started last is reached; null before the first start. */
  baseUrl(): Promise<string | null>;
  keepBaseUrl(url: string): Promise<void>;
};

/** Who can sign in and what they can see; which senders are accepted. */
export type AccessStore = AccountStore &
  SessionStore &
  LinkStore &
  TokenStore &
  AuditStore &
  AttemptStore &
  BaseUrlStore;
