import { isDeepStrictEqual } from 'node:util';
import type { ServiceFollower } from '../host-agent.ts';
import type { AppSettings, HostSettings } from '../host-settings.ts';
import type { Service, ServiceExit, ServiceStart } from '../source.ts';
import { appNameOf, type Decision, decide } from './decide.ts';
import type { ServiceFacts } from './service-facts.ts';
import type { WatchHistory } from './watch-history.ts';

export type WatchParts = {
  facts: (start: ServiceStart) => ServiceFacts | null;
  history: Pick<WatchHistory, 'wasWatched' | 'watchedBySetting' | 'listened'>;
  follow: (service: Service, app: AppSettings) => ServiceFollower;
  /** Once for each change. */
  onDecision: (service: Service, decision: Decision) => void;
  onProblem: (message: string) => void;
};

type CandidateParts = WatchParts & { settings: () => HostSettings; onGone: () => void };

/** Servers listen moments after their start, or never. */
const CHECK_AFTER_MS = [300, 1_000, 3_000, 10_000, 30_000, 120_000];
/** Of one that is watched all the same. Soon: it can have been seen before it executed crashmon. */
const CHECK_WATCHED_AFTER_MS = [500, 10_000];
/** Of all at the same time: they share the kernel's list of what listens. */
const CHECK_EVERY_MS = 600_000;

/** One service that may be watched, now or later. */
export class Candidate implements ServiceFollower {
  readonly service: Service;
  readonly #parts: CandidateParts;
  #decision: Decision | null = null;
  /** It listened, or was watched before: without a setting that names it, it is still watched. */
  #isKept = false;
  /** null until a process of it was seen. */
  #facts: ServiceFacts | null = null;
  #follower: { deliver: ServiceFollower; app: AppSettings } | null = null;
  /** While a follower ends that another one replaces. */
  #ending: Promise<void> | null = null;
  /** Exits of that time, also those that are only counted. */
  #waiting: {
    store: (follower: ServiceFollower) => Promise<boolean>;
    settled: (stored: Promise<boolean> | boolean) => void;
  }[] = [];
  /** What runs now, as far as it was reported. */
  #running: ServiceStart | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(service: Service, parts: CandidateParts) {
    this.service = service;
    this.#parts = parts;
  }

  get decision(): Decision | null {
    return this.#decision;
  }

  started(start: ServiceStart): void {
    this.#running = start;
    this.#look(start);
    const before = this.#follower;
    this.reconsider();
    if (before !== null && this.#follower === before) before.deliver.started(start);
    this.#checkLater(0);
  }

  async exited(exit: ServiceExit): Promise<boolean> {
    if (this.#running?.key === exit.start.key) this.#running = null;
    return await this.#store((follower) => follower.exited(exit));
  }

  async missed(count: number, id?: string): Promise<boolean> {
    return await this.#store((follower) => follower.missed(count, id));
  }

  async #store(store: (follower: ServiceFollower) => Promise<boolean>): Promise<boolean> {
    if (this.#decision === null) this.reconsider();
    // What is not watched is not stored.
    if (this.#ending === null) return this.#follower === null || (await store(this.#follower.deliver));
    return await new Promise<boolean>((settled) => this.#waiting.push({ store, settled }));
  }

  async gone(): Promise<void> {
    this.#parts.onGone();
    clearTimeout(this.#timer);
    await this.#ending;
    await this.#follower?.deliver.gone();
  }

  async end(): Promise<void> {
    this.#parts.onGone();
    clearTimeout(this.#timer);
    await this.#ending;
    await this.#follower?.deliver.end();
  }

  /** Decides again, by what was seen last and the settings of now. */
  reconsider(): void {
    const { discovery, ofApp } = this.#parts.settings();
    const name = appNameOf(this.service, discovery.watch);
    const app = ofApp(name);
    const { history } = this.#parts;
    const wasWatched = this.#isKept || history.wasWatched(app.app);
    const decision = decide(this.service, this.#facts, discovery, { isEnabled: app.isEnabled, wasWatched });
    if (decision.isWatched) {
      const listens = this.#facts?.listens === true || this.#facts?.servesUnix === true;
      if (listens) history.listened(app.app);
      else if (!wasWatched) history.watchedBySetting(app.app);
      this.#isKept = listens || wasWatched;
    }
    if (!isDeepStrictEqual(decision, this.#decision)) {
      this.#decision = decision;
      this.#parts.onDecision(this.service, decision);
    }
    this.#follow(decision.isWatched ? app : null);
  }

  /** Starts to follow, stops it, or starts again with changed settings. */
  #follow(app: AppSettings | null): void {
    if (this.#ending !== null || isDeepStrictEqual(this.#follower?.app ?? null, app)) return;
    if (this.#follower !== null) {
      this.#ending = this.#endFollower(this.#follower.deliver);
      this.#follower = null;
      return;
    }
    if (app === null) return;
    this.#follower = { deliver: this.#parts.follow(this.service, app), app };
    if (this.#running !== null) this.#follower.deliver.started(this.#running);
    for (const { store, settled } of this.#waiting.splice(0)) settled(store(this.#follower.deliver));
  }

  async #endFollower(follower: ServiceFollower): Promise<void> {
    try {
      await follower.end();
    } catch (error) {
      this.#parts.onProblem(`${this.service.id}: ${(error as Error).message}`);
    }
    this.#ending = null;
    this.reconsider();
    for (const { settled } of this.#waiting.splice(0)) settled(true);
  }

  /** What was seen last stays if the process has ended. */
  #look(start: ServiceStart): void {
    this.#facts = this.#parts.facts(start) ?? this.#facts;
  }

  #checkLater(checks: number): void {
    clearTimeout(this.#timer);
    if ((this.#follower !== null && this.#isKept && checks > 0) || this.#running === null) return;
    const waits = this.#follower === null ? CHECK_AFTER_MS : CHECK_WATCHED_AFTER_MS;
    const waitMs = waits[checks] ?? CHECK_EVERY_MS - (performance.now() % CHECK_EVERY_MS);
    this.#timer = setTimeout(() => {
      if (this.#running === null) return;
      this.#look(this.#running);
      this.reconsider();
      this.#checkLater(checks + 1);
    }, waitMs);
    this.#timer.unref();
  }
}
