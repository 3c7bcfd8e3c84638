import { isDeepStrictEqual } from 'node:util';
import type { ServiceFollower } from '../host-agent.ts';
import type { AppSettings, HostSettings } from '../host-settings.ts';
import type { Service, ServiceExit, ServiceStart } from '../source.ts';
import { appNameOf, type Decision, decide } from './decide.ts';
import type { ServiceFacts } from './service-facts.ts';

export type WatchParts = {
  facts: (start: ServiceStart) => ServiceFacts | null;
  /** Is there history of this app in the state directory? */
  wasWatched: (app: string, service: Service) => boolean;
  follow: (service: Service, app: AppSettings) => ServiceFollower;
  /** Once for each change. */
  onDecision: (service: Service, decision: Decision) => void;
  onProblem: (message: string) => void;
};

type CandidateParts = WatchParts & { settings: () => HostSettings; onGone: () => void };

/** Servers listen moments after their start, or never. */
const CHECK_AFTER_MS = [300, 1_000, 3_000, 10_000, 30_000, 120_000];
const CHECK_EVERY_MS = 600_000;

/** One service that may be watched, now or later. */
export class Candidate implements ServiceFollower {
  readonly service: Service;
  readonly #parts: CandidateParts;
  #decision: Decision | null = null;
  /** null until a process of it was seen. */
  #facts: ServiceFacts | null = null;
  #follower: { deliver: ServiceFollower; app: AppSettings } | null = null;
  /** While a follower ends that another one replaces. */
  #ending: Promise<void> | null = null;
  /** Exits of that time. */
  #waiting: { exit: ServiceExit; settled: (work?: Promise<void>) => void }[] = [];
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

  async exited(exit: ServiceExit): Promise<void> {
    if (this.#running?.key === exit.start.key) this.#running = null;
    if (this.#decision === null) this.reconsider();
    if (this.#ending === null) await this.#follower?.deliver.exited(exit);
    else await new Promise<void>((settled) => this.#waiting.push({ exit, settled }));
  }

  missed(count: number): void {
    if (this.#decision === null) this.reconsider();
    this.#follower?.deliver.missed(count);
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
    const wasWatched = this.#follower !== null || this.#parts.wasWatched(app.app, this.service);
    const decision = decide(this.service, this.#facts, discovery, { isEnabled: app.isEnabled, wasWatched });
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
    for (const { exit, settled } of this.#waiting.splice(0)) settled(this.#follower.deliver.exited(exit));
  }

  async #endFollower(follower: ServiceFollower): Promise<void> {
    try {
      await follower.end();
    } catch (error) {
      this.#parts.onProblem(`${this.service.id}: ${(error as Error).message}`);
    }
    this.#ending = null;
    this.reconsider();
    for (const { settled } of this.#waiting.splice(0)) settled();
  }

  /** What was seen last stays if the process has ended. */
  #look(start: ServiceStart): void {
    this.#facts = this.#parts.facts(start) ?? this.#facts;
  }

  #checkLater(checks: number): void {
    clearTimeout(this.#timer);
    if (this.#follower !== null || this.#running === null) return;
    this.#timer = setTimeout(() => {
      if (this.#running === null) return;
      this.#look(this.#running);
      this.reconsider();
      this.#checkLater(checks + 1);
    }, CHECK_AFTER_MS[checks] ?? CHECK_EVERY_MS);
    this.#timer.unref();
  }
}
