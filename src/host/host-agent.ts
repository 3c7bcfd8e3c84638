import { delay } from '../worker/delay.ts';
import type { HostSource, Service, ServiceExit, ServiceStart, SourceKind, SourceListener } from './source.ts';

/** What follows one service: its runs, in their order. */
export type ServiceFollower = {
  started(start: ServiceStart): void;
  /** Settles once it is stored, or need not be; false: it is not stored. */
  exited(exit: ServiceExit): Promise<boolean>;
  /** Settles as `exited` does. @param id with the same one it is counted once */
  missed(count: number, id?: string): Promise<boolean>;
  /** The service is no longer known to its supervisor. */
  gone(): Promise<void>;
  /** The agent ends; the service goes on. */
  end(): Promise<void>;
};

export type HostAgentParts = {
  sources: readonly HostSource[];
  /** null: this service is not watched. */
  follow: (service: Service) => ServiceFollower | null;
  onProblem: (message: string) => void;
  /** At the end, sources wait so long for what is being stored. */
  graceMs?: number;
};

const GRACE_MS = 5_000;

/**
 * Brings what sources report to the follower of each service. What fails for one service or in one source is reported,
 * and affects no other.
 */
export class HostAgent {
  readonly #parts: HostAgentParts;
  /** By the service's id; null: not watched. */
  readonly #followers = new Map<string, ServiceFollower | null>();
  /** Services that are gone and whose follower still ends. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #over = new AbortController();
  /** Exits that are not stored yet: at the end nothing waits for them any more. */
  readonly #unsettled = new Set<() => void>();
  #isReleased = false;

  constructor(parts: HostAgentParts) {
    this.#parts = parts;
  }

  /** Returns once all that runs now is followed. */
  async begin(): Promise<void> {
    await Promise.all(
      this.#parts.sources.map(async (source) => {
        try {
          await source.begin(this.#listener(source.kind));
        } catch (error) {
          this.#problem(`Services of ${source.kind} are not watched`, error);
        }
      }),
    );
  }

  /**
   * Does something that only one may do at a time, in the place of a service's follower: a service that comes back waits for it.
   * @returns false if the service is followed; then nothing is done
   */
  async whileGone(id: string, work: () => Promise<void>): Promise<boolean> {
    while (this.#leaving.has(id)) await this.#leaving.get(id);
    if (this.#followers.has(id) || this.#over.signal.aborted) return false;
    const done = this.#settled(id, work()).then(() => void this.#leaving.delete(id));
    this.#leaving.set(id, done);
    await done;
    return true;
  }

  /** What is not stored in time, a source reports to the next agent. */
  async end(): Promise<void> {
    const { sources, graceMs = GRACE_MS } = this.#parts;
    void delay(graceMs, this.#over.signal).then(() => {
      this.#isReleased = true;
      for (const release of this.#unsettled) release();
    });
    await Promise.all(sources.map((source) => this.#settled(source.kind, source.end())));
    this.#over.abort();
    const followers = [...this.#followers];
    this.#followers.clear();
    await Promise.all(followers.map(([id, follower]) => this.#settled(id, follower?.end())));
    await Promise.all(this.#leaving.values());
  }

  #listener(kind: SourceKind): SourceListener {
    return {
      started: (start) => this.#bring(start.service, (follower) => follower?.started(start)),
      exited: (exit) => this.#storing(exit.start.service, (follower) => follower.exited(exit)),
      missed: (service, count, id) => this.#storing(service, (follower) => follower.missed(count, id)),
      gone: (service) => this.#gone(service),
      problem: (message) => this.#parts.onProblem(`${kind}: ${message}`),
    };
  }

  async #storing(service: Service, store: (follower: ServiceFollower) => Promise<boolean>): Promise<boolean> {
    let release: () => void = () => {};
    const stored = new Promise<boolean>((resolve) => {
      release = () => resolve(false);
      this.#unsettled.add(release);
      if (this.#isReleased) release();
      // What is not watched is not stored.
      const deliver = async (follower: ServiceFollower | null) =>
        follower === null || (await store(follower));
      this.#bring(
        service,
        (follower) =>
          deliver(follower).then(resolve, (error) => {
            this.#problem(service.id, error);
            resolve(false);
          }),
        () => resolve(false),
      );
    });
    try {
      return await stored;
    } finally {
      this.#unsettled.delete(release);
    }
  }

  #gone(service: Service): void {
    const { id } = service;
    const before = this.#leaving.get(id);
    if (before !== undefined) {
      void before.then(() => this.#gone(service));
      return;
    }
    const follower = this.#followers.get(id);
    this.#followers.delete(id);
    const leaving = this.#settled(id, follower?.gone()).then(() => void this.#leaving.delete(id));
    this.#leaving.set(id, leaving);
  }

  /** A service that comes back waits until its follower of before has ended: both would store in the same place. */
  #bring(
    service: Service,
    deliver: (follower: ServiceFollower | null) => void,
    onFailed: () => void = () => {},
  ): void {
    const { id } = service;
    const leaving = this.#leaving.get(id);
    if (leaving !== undefined) {
      void leaving.then(() => this.#bring(service, deliver, onFailed));
      return;
    }
    if (this.#over.signal.aborted) {
      onFailed();
      return;
    }
    try {
      let follower = this.#followers.get(id);
      if (follower === undefined) {
        follower = this.#parts.follow(service);
        this.#followers.set(id, follower);
      }
      deliver(follower);
    } catch (error) {
      this.#problem(id, error);
      onFailed();
    }
  }

  async #settled(what: string, work: Promise<void> | undefined): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#problem(what, error);
    }
  }

  #problem(what: string, error: unknown): void {
    this.#parts.onProblem(`${what}: ${(error as Error).message}`);
  }
}
