import type { ServiceFollower } from '../host-agent.ts';
import type { HostSettings } from '../host-settings.ts';
import type { Service } from '../source.ts';
import { Candidate, type WatchParts } from './candidate.ts';
import type { Decision } from './decide.ts';

export type DiscoveryParts = WatchParts & { settings: HostSettings };

/**
 * Decides which services are watched, as soon as that can be seen: a service listens only some time after its start, and
 * an app's own wish is in the environment of its process.
 */
export class Discovery {
  readonly #parts: DiscoveryParts;
  readonly #candidates = new Map<string, Candidate>();
  #settings: HostSettings;

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
  }

  /** What receives the reports on a service, and passes them on once it is watched. */
  follow(service: Service): ServiceFollower {
    const candidate = new Candidate(service, {
      ...this.#parts,
      settings: () => this.#settings,
      onGone: () => this.#candidates.delete(service.id),
    });
    this.#candidates.set(service.id, candidate);
    return candidate;
  }

  /** Applies changed settings to all services; a service whose settings did not change is not affected. */
  use(settings: HostSettings): void {
    this.#settings = settings;
    for (const candidate of this.#candidates.values()) candidate.reconsider();
  }

  /** Of all services that are known now. */
  decisions(): { service: Service; decision: Decision }[] {
    return [...this.#candidates.values()].flatMap(({ service, decision }) =>
      decision === null ? [] : [{ service, decision }],
    );
  }
}
