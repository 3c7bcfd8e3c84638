import type { HostSource, Service, ServiceExit, ServiceStart, SourceKind, SourceListener } from './source.ts';

/** What follows one service: its runs, in their order. */
export type ServiceFollower = {
  started(start: ServiceStart): void;
  exited(exit: ServiceExit): Promise<void>;
  missed(count: number): void;
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
};

/**
 * Brings what sources report to the follower of each service. What fails for one service or in one source is reported,
 * and affects no other.
 */
export class HostAgent {
  readonly #parts: HostAgentParts;
  /** By the service's id; null: not watched. */
  readonly #followers = new Map<string, ServiceFollower | null>();

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

  async end(): Promise<void> {
    await Promise.all(this.#parts.sources.map((source) => this.#settled(source.kind, source.end())));
    const followers = [...this.#followers];
    this.#followers.clear();
    await Promise.all(followers.map(([id, follower]) => this.#settled(id, follower?.end())));
  }

  #listener(kind: SourceKind): SourceListener {
    return {
      started: (start) => this.#bring(start.service, (follower) => follower.started(start)),
      exited: async (exit) => {
        const { service } = exit.start;
        let settled: Promise<void> | undefined;
        this.#bring(service, (follower) => {
          settled = follower.exited(exit);
        });
        await this.#settled(service.id, settled);
      },
      missed: (service, count) => this.#bring(service, (follower) => follower.missed(count)),
      gone: (service) => {
        const follower = this.#followers.get(service.id);
        this.#followers.delete(service.id);
        void this.#settled(service.id, follower?.gone());
      },
      problem: (message) => this.#parts.onProblem(`${kind}: ${message}`),
    };
  }

  #bring(service: Service, deliver: (follower: ServiceFollower) => void): void {
    try {
      let follower = this.#followers.get(service.id);
      if (follower === undefined) {
        follower = this.#parts.follow(service);
        this.#followers.set(service.id, follower);
      }
      if (follower !== null) deliver(follower);
    } catch (error) {
      this.#problem(service.id, error);
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
