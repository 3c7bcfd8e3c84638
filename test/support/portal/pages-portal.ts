import { createHash, randomBytes } from 'node:crypto';
import { type RunningPortal, startPortal } from '../../../src/portal/start/run-portal.ts';
import type { Account, Grant } from '../../../src/portal/store/access/access-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

export type PagesPortal = AsyncDisposable & {
  url: string;
  store: PortalStore;
  /** Name and value of a cookie by which the account is signed in. */
  signIn(name: string, grants: Grant[]): Promise<{ name: string; value: string }>;
};

/** A whole portal in this process, on a port of its own, with SQLite. */
export async function startPagesPortal(): Promise<PagesPortal> {
  const directory = await temporaryDirectory('pages');
  const settings = {
    ...{ host: '127.0.0.1', port: 0, publicUrl: null, databaseUrl: null, dataDir: directory.path },
    ...{ tls: null, trustedProxies: [], retentionDays: 90, metricsToken: null },
  };
  const portal: RunningPortal = await startPortal(settings, { write: () => true });
  const { store } = portal.parts;
  return {
    url: portal.url,
    store,
    async signIn(name, grants) {
      const account: Account = await store.createAccount({
        name,
        passwordHash: 'none',
        grants,
        atMs: Date.now(),
      });
      const value = randomBytes(32).toString('base64url');
      const times = { atMs: Date.now(), expiresAtMs: Date.now() + 3_600_000 };
      await store.createSession({
        secretHash: createHash('sha256').update(value).digest('hex'),
        accountId: account.id,
        ...times,
        userAgent: 'test',
      });
      return { name: 'crashmon', value };
    },
    async [Symbol.asyncDispose]() {
      // The threads of SQLite keep no process alive, and closing has to wait for them.
      const alive = setInterval(() => {}, 1000);
      await portal.close();
      clearInterval(alive);
      await directory[Symbol.asyncDispose]();
    },
  };
}
