import { systemClock } from '../../agent/clock.ts';
import type { HostSource, SourceListener } from '../source.ts';
import { type God, GodFinder } from './find-gods.ts';
import { Pm2Home } from './pm2-home.ts';
import { RestartCounts } from './restart-counts.ts';

export type Pm2Options = {
  /** Where the source keeps PM2's counts of restarts; null: nowhere. */
  statePath: string | null;
  scanEveryMs?: number;
};

/** How soon a daemon is found that starts while the agent runs, and a lost connection is made again. */
const SCAN_EVERY_MS = 5_000;

/** What the daemons of PM2 on this host run, of all users: each reports on its bus. */
export class Pm2Source implements HostSource {
  readonly kind = 'pm2';
  readonly #options: Pm2Options;
  readonly #finder = new GodFinder();
  readonly #homes = new Map<string, Pm2Home>();
  readonly #refused = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #scan: (() => Promise<void>) | null = null;

  constructor(options: Pm2Options) {
    this.#options = options;
  }

  async begin(listener: SourceListener): Promise<void> {
    const counts = new RestartCounts(this.#options.statePath);
    const { bootId } = systemClock()();
    this.#scan = async () => {
      for (const [key, home] of this.#homes) if (home.checkEnd()) this.#homes.delete(key);
      const isComplete = [...this.#homes.values()].every(({ isConnected }) => isConnected);
      if (isComplete && !this.#finder.canFindMore) return;
      for (const god of this.#finder.find()) {
        const key = `${god.pid} ${god.startTicks}`;
        const home = this.#homes.get(key) ?? new Pm2Home(god, listener, counts, bootId);
        this.#homes.set(key, home);
        if (!home.isConnected) await this.#connect(home, listener);
      }
    };
    await this.#scan();
    this.#scanLater();
  }

  async end(): Promise<void> {
    this.#scan = null;
    clearTimeout(this.#timer);
    for (const home of this.#homes.values()) home.end();
    this.#homes.clear();
  }

  #scanLater(): void {
    if (this.#scan === null) return;
    this.#timer = setTimeout(async () => {
      await this.#scan?.();
      this.#scanLater();
    }, this.#options.scanEveryMs ?? SCAN_EVERY_MS).unref();
  }

  async #connect(home: Pm2Home, listener: SourceListener): Promise<void> {
    try {
      await home.connect();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // It starts or ends just now: the next scan shows.
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EPIPE') return;
      this.#refuse(home.god, `${code ?? (error as Error).message}`, listener);
    }
  }

  #refuse({ uid, home }: God, why: string, listener: SourceListener): void {
    if (this.#refused.has(home)) return;
    this.#refused.add(home);
    listener.problem(
      `PM2 of user ${uid} (${home}) is not watched: ${why}. Run crashmon agent as this user, or as root with CAP_DAC_OVERRIDE.`,
    );
  }
}
