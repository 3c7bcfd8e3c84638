import { ProgramWatch } from '../agent/program-watch.ts';
import type { Instant } from '../model/instant.ts';
import type { NoCaptureReason } from '../model/no-capture.ts';
import type { ObservedProgram } from '../model/observed-program.ts';
import { nowhere, onHost } from '../symbols/locate.ts';
import { NamedPrograms } from '../worker/named-programs.ts';
import type { AppPlace } from './app-parts.ts';
import type { NoWords } from './no-words.ts';
import { placeOfApp } from './place-of-app.ts';
import { startInstant } from './run-of-start.ts';
import { ServiceRoot } from './service-root.ts';
import type { ServiceCommand, ServiceStart } from './source.ts';

/** The program of a run is known while it lives, and for a while after. */
export type FollowedRun = {
  start: ServiceStart;
  startedAt: Instant;
  watch: ProgramWatch;
  command: ServiceCommand | null;
  /** Why its supervisor has no last words of it, if that is known. */
  noWords: NoWords | null;
  /** Why nothing that ends it would be captured; null if something would, or that is not known. */
  outlook: NoCaptureReason | null;
  /** Settles once `command` is known, if it ever is. */
  learned: Promise<void>;
};

export type EndedFollowedRun = { run: FollowedRun; oomKills: number | null };

const MAX_FOLLOWED = 4;
/** A crash loop does not search for its program at each exit. */
const NAMED_MS = 60_000;
const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The newest runs of one service. */
export class FollowedRuns {
  /** By their keys. */
  readonly #runs = new Map<string, FollowedRun>();
  readonly #onProgram: () => void;
  #living: string | null = null;
  readonly #root = new ServiceRoot();
  readonly #named = new NamedPrograms(NAMED_MS);
  /** In another root directory: of the newest program that was seen there, by what it executes. */
  #place: { of: string; where: AppPlace } | null = null;

  /** @param onProgram what a run executes, or where its output goes, is known now or has changed */
  constructor(onProgram: () => void) {
    this.#onProgram = () => {
      this.#root.look();
      // While it can be read.
      if (this.#root.isOther) void this.place;
      onProgram();
    };
  }

  /** The run that lives; null if none does. */
  get current(): FollowedRun | null {
    return this.#living === null ? null : (this.get(this.#living) ?? null);
  }

  /** By what the newest run executes. */
  get place(): AppPlace {
    const newest = [...this.#runs.values()].at(-1);
    const root = this.#root;
    const where = this.#where(newest?.watch.program ?? null, newest?.command ?? null);
    return newest === undefined ? { ...where, root } : { ...where, root, service: newest.start.service };
  }

  #where(program: ObservedProgram | null, command: ServiceCommand | null): AppPlace {
    if (!this.#root.isOther) return placeOfApp(program, command, onHost);
    const of = JSON.stringify([program?.cwd, program?.args]);
    if (this.#place?.of !== of && program !== null) {
      const where = this.#root.read((locate) => placeOfApp(program, command, locate));
      if (where !== null) this.#place = { of, where };
    }
    return this.#place?.where ?? placeOfApp(program, command, nowhere);
  }

  get keys(): string[] {
    return [...this.#runs.keys()];
  }

  get(key: string): FollowedRun | undefined {
    return this.#runs.get(key);
  }

  /** @param isOlder it started a while ago */
  started(start: ServiceStart, isOlder: boolean, now: Instant): void {
    const { watch } = this.#track(start, start.startedAtMs, now);
    this.#living = start.key;
    this.#root.started(start);
    const { pid, startTicks, startedAtMs } = start;
    if (startTicks !== null) watch.begin({ pid, startTicks }, isOlder ? startedAtMs : null);
  }

  /** The run can be one that was never reported as started. */
  ended(start: ServiceStart, endedAtMs: number, now: Instant): EndedFollowedRun {
    const { key, startedAtMs } = start;
    // An unknown start is as late as the end.
    const run = this.get(key) ?? this.#track(start, startedAtMs < endedAtMs ? startedAtMs : null, now);
    if (this.#living === key) {
      this.#living = null;
      this.#root.ended();
    }
    const { oomKills } = run.watch;
    run.watch.end();
    return { run, oomKills };
  }

  /** None lives. */
  gone(): void {
    this.#living = null;
  }

  end(): void {
    for (const key of this.keys) this.#forget(key);
    this.#root.end();
  }

  #track(start: ServiceStart, sinceMs: number | null, now: Instant): FollowedRun {
    const watch = new ProgramWatch(this.#onProgram, { argv: [], cwd: '/', env: {} }, this.#named);
    const learn = async () => {
      run.command = (await start.command?.()) ?? null;
      if (run.command !== null) watch.startedBy({ ...run.command, env: { PATH: USUAL_PATH } }, sinceMs);
      this.#onProgram();
    };
    const run: FollowedRun = {
      noWords: start.noWords === undefined ? null : 'not-known-yet',
      startedAt: startInstant(start, now),
      ...{ start, watch, command: null, outlook: null, learned: Promise.resolve() },
    };
    run.learned = learn();
    void start.noWords?.().then((noWords) => {
      run.noWords = noWords;
      this.#onProgram();
    });
    this.#runs.set(start.key, run);
    for (const key of this.keys.slice(0, -MAX_FOLLOWED)) this.#forget(key);
    return run;
  }

  #forget(key: string): void {
    this.get(key)?.watch.end();
    this.#runs.delete(key);
  }
}
