import { visibleApps } from '../access/domain/roles.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { Account } from '../store/access/access-store.ts';
import type { AppStore } from '../store/read/app-store.ts';

/** Polling interval while there are listeners, so that a crash is visible within a second. */
const POLL_MS = 300;

export type Listener = {
  account: Account;
  /** null: all apps of the account. */
  app: string | null;
  /** Last version sent; see `changeVersion`. */
  version: number;
  changed: (version: number) => void;
};

/** Notifies listeners of changes by any portal process, with one query for all. */
export class LiveFeed {
  readonly #parts: Pick<PortalParts<AppStore>, 'store' | 'log'>;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #isPolling = false;
  #isAway = false;

  constructor(parts: Pick<PortalParts<AppStore>, 'store' | 'log'>) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#pollAfter(0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#timer === null) return;
      clearTimeout(this.#timer);
      this.#timer = null;
    };
  }

  #pollAfter(ms: number): void {
    if (this.#timer !== null || this.#isPolling || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => void this.#poll(), ms);
  }

  async #poll(): Promise<void> {
    this.#timer = null;
    this.#isPolling = true;
    try {
      const counters = await this.#parts.store.changeCounters('*');
      this.#isAway = false;
      for (const listener of this.#listeners) notify(listener, counters);
    } catch (error) {
      if (!this.#isAway)
        this.#parts.log.warn({ err: error }, 'cannot update open pages: the store does not answer');
      this.#isAway = true;
    }
    this.#isPolling = false;
    this.#pollAfter(POLL_MS);
  }
}

function notify(listener: Listener, counters: ReadonlyMap<string, number>): void {
  const seen = listener.app === null ? visibleApps(listener.account) : [listener.app];
  const apps = seen === '*' ? [...counters.keys()] : seen;
  const version = apps.reduce((sum, app) => sum + (counters.get(app) ?? 0), 0);
  if (version === listener.version) return;
  listener.version = version;
  listener.changed(version);
}
