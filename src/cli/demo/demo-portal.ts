import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makePrivateDirectory } from '../../journal/private-directory.ts';
import { createIngestToken } from '../../portal/access/domain/create-ingest-token.ts';
import { signInLink } from '../../portal/access/domain/links.ts';
import { NO_PASSWORD } from '../../portal/access/domain/passwords/password-hash.ts';
import { type RunningPortal, startPortal } from '../../portal/start/run-portal.ts';
import type { CliContext } from '../context.ts';
import { PortalLog } from '../portal/portal-log.ts';

/** The machine can be busy. */
const RECEIVED_WITHIN_MS = 300_000;
const POLL_MS = 100;

/** A portal in this process, on the loopback address. Its data is deleted when the demo ends. */
export class DemoPortal implements AsyncDisposable {
  readonly url: string;
  readonly #portal: RunningPortal;
  readonly #dataDir: string;
  readonly #accountId: string;

  private constructor(portal: RunningPortal, dataDir: string, accountId: string) {
    this.url = portal.url;
    this.#portal = portal;
    this.#dataDir = dataDir;
    this.#accountId = accountId;
  }

  /** @throws CrashmonError STATE_DIR_UNUSABLE, or as `startPortal` does */
  static async start(stateDir: string, context: CliContext): Promise<DemoPortal> {
    const dataDir = makePrivateDirectory(stateDir, 'demo-portal');
    // From a demo that was killed.
    for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true, force: true });
    const portal = await startPortal(
      {
        host: '127.0.0.1',
        port: 0,
        publicUrl: null,
        databaseUrl: null,
        dataDir,
        tls: null,
        trustedProxies: [],
        retentionDays: 90,
        metricsToken: null,
      },
      new PortalLog(context.stderr),
    );
    const { store } = portal.parts;
    const account = await store.createAccount({
      name: 'demo',
      passwordHash: NO_PASSWORD,
      grants: [{ app: '*', role: 'admin' }],
      atMs: Date.now(),
    });
    return new DemoPortal(portal, dataDir, account.id);
  }

  /** Where an app sends its crash records to. */
  async receiverOf(app: string): Promise<{ url: string; token: string }> {
    const { secret } = await createIngestToken(this.#portal.parts, { app, label: 'demo', by: 'demo' });
    return { url: this.url, token: secret };
  }

  /** URL that signs in once. */
  signInLink(): Promise<string> {
    return signInLink(this.#portal.parts, this.#accountId);
  }

  /** Whether this many crashes of an app arrive in time, one with its report; false if the demo is over before. */
  async received(app: string, crashes: number, over: AbortSignal): Promise<boolean> {
    const { store } = this.#portal.parts;
    for (let waitedMs = 0; waitedMs < RECEIVED_WITHIN_MS && !over.aborted; waitedMs += POLL_MS) {
      const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
      const { items } = await store.crashes(app, { range }, crashes);
      if (items.length >= crashes && items.some(({ hasReport }) => hasReport)) return true;
      await delay(POLL_MS);
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#portal.close();
    } finally {
      rmSync(this.#dataDir, { recursive: true, force: true });
    }
  }
}
