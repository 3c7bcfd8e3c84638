import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { ensureFirstAccount } from '../access/domain/ensure-first-account.ts';
import { assetsPrefix } from '../http/assets.ts';
import { countConnections } from '../http/count-connections.ts';
import type { PortalServer } from '../http/portal-server.ts';
import type { LogSink } from '../http/server-options.ts';
import { Metrics } from '../metrics.ts';
import { startNotifications } from '../notifications/sending/start-notifications.ts';
import type { PortalParts, PortalSettings } from '../portal-parts.ts';
import type { BaseUrlStore } from '../store/access/access-store.ts';
import { openPortalStore } from '../store/open-portal-store.ts';
import { addParts, bareServer } from './build-server.ts';
import { pruneRegularly } from './prune-regularly.ts';

/** How long requests in hand may take after a stop was asked for. */
const DRAIN_MS = 10_000;

/** Connections that the kernel holds until they are looked at: after an outage all agents come at once. */
const BACKLOG = 4_096;

export type RunningPortal = {
  /** As people reach it, without a slash at the end. */
  url: string;
  parts: PortalParts;
  /** By which the first account is made; null where there is one. */
  setupLink: string | null;
  /** Is no longer ready; after the drain delay answers what was asked already, then closes everything. */
  close(): Promise<void>;
};

/**
 * Opens the store and listens.
 *
 * @throws CrashmonError PORTAL_UNUSABLE, DATABASE_UNUSABLE or DATABASE_TOO_NEW; nothing is left open then
 */
export async function startPortal(settings: PortalSettings, log: LogSink): Promise<RunningPortal> {
  const server = bareServer(settings, log);
  const store = await openPortalStore(settings);
  try {
    const prefix = assetsPrefix();
    let isDraining = false;
    const baseUrl = () => settings.publicUrl ?? listeningUrl(server, settings);
    const parts: PortalParts = {
      store,
      settings,
      now: Date.now,
      log: server.log,
      metrics: new Metrics(),
      assetUrl: (name) => `${prefix}/${name}`,
      baseUrl,
      openConnections: countConnections(server.server),
      isDraining: () => isDraining,
      isSecure: settings.publicUrl === null ? settings.tls !== null : settings.publicUrl.startsWith('https:'),
    };
    await addParts(server, parts, prefix);
    await listen(server, settings);
    await keepBaseUrl(store, baseUrl(), server.log);
    const pruning = pruneRegularly(store, parts);
    const notifications = startNotifications(parts);
    const close = async () => {
      isDraining = true;
      await pruning[Symbol.asyncDispose]();
      await delay(settings.drainDelayMs ?? 0);
      await drained(server);
      await notifications[Symbol.asyncDispose]();
      await store.close();
    };
    try {
      return { url: baseUrl(), parts, setupLink: await ensureFirstAccount(parts), close };
    } catch (error) {
      await pruning[Symbol.asyncDispose]();
      await notifications[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    await server.close();
    await store.close();
    throw error;
  }
}

/** For links that the command line prints. Without it they lead to the default address: no reason not to start. */
async function keepBaseUrl(store: BaseUrlStore, url: string, log: PortalParts['log']): Promise<void> {
  try {
    if ((await store.baseUrl()) !== url) await store.keepBaseUrl(url);
  } catch (error) {
    log.warn({ err: error }, 'cannot store the address of the portal');
  }
}

async function listen(server: PortalServer, { host, port }: PortalSettings): Promise<void> {
  try {
    await server.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !(code in LISTEN_ERRORS)) throw error;
    throw new CrashmonError(
      'PORTAL_UNUSABLE',
      `Cannot listen on ${host} port ${port}: ${LISTEN_ERRORS[code]}.`,
      {
        cause: error,
      },
    );
  }
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does; stop it, or give another --port (0 takes a free one)',
  EACCES: 'it is reserved for root; give a --port above 1023, and a proxy in front of it',
  EADDRNOTAVAIL: 'this machine has no such address; give one of its own with --host',
  ENOTFOUND: 'there is no such address; give one of this machine with --host',
  EAI_AGAIN: 'the name cannot be looked up; give an address with --host',
};

/** Who holds a connection open longer, such as a page that is open, is cut off. */
async function drained(server: PortalServer): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS);
  try {
    await server.close();
  } finally {
    clearTimeout(timer);
  }
}

function listeningUrl(server: PortalServer, { host, tls }: PortalSettings): string {
  const { port } = server.server.address() as AddressInfo;
  const isEvery = host === '0.0.0.0' || host === '::';
  const name = isEvery ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls === null ? 'http' : 'https'}://${name}:${port}`;
}
