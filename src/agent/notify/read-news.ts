import type { PublicRecord } from '../../model/public-record.ts';
import type { CaptureRecord, CrashRecord } from '../../model/telemetry.ts';
import {
  addCrashes,
  type CrashBurst,
  type EpisodeNotification,
  type EpisodeSettings,
  nextWakeMs,
  passTime,
} from '../../notify/episode.ts';
import {
  beginLocal,
  type LocalEpisode,
  looksOf,
  withCapture,
  withCrash,
  withoutAwaited,
} from './local-episode.ts';

export type News = { version: string | null; record: PublicRecord };

/** What people are to be told, with the episode as it was then. */
export type Telling = { notification: EpisodeNotification; local: LocalEpisode; stackIsNew: boolean };

export type Reading = {
  /** Those that are open. */
  episodes: LocalEpisode[];
  tellings: Telling[];
  /** When time alone brings something to tell; null: never. */
  wakeMs: number | null;
};

type ReadOptions = {
  app: string;
  instance: string;
  nowMs: number;
  settings: EpisodeSettings;
  newId: () => string;
};

/**
 * What crashes and captures, and the time that has passed, mean for the people who are told: the policy of episodes for
 * one app on one instance. Pure.
 *
 * Before anything is captured a crash is known by its exit alone, and crashes of several causes look the same. So the
 * first capture gives its episode a name, a capture of another cause opens another one, and exits that look the
 * same are counted to the cause that was captured last.
 */
export function readNews(
  before: readonly LocalEpisode[],
  news: readonly News[],
  options: ReadOptions,
): Reading {
  const reader = new NewsReader(before, options);
  for (const { version, record } of news) {
    if (record.type === 'crash') reader.crash(record, version);
    else if (record.type === 'capture') reader.capture(record);
  }
  return reader.end();
}

class NewsReader {
  /** The one that was captured or began last comes last. */
  #open: LocalEpisode[];
  readonly #tellings: Telling[] = [];
  readonly #options: ReadOptions;

  constructor(before: readonly LocalEpisode[], options: ReadOptions) {
    this.#open = [...before].sort((a, b) => a.knownAtMs - b.knownAtMs);
    this.#options = options;
  }

  crash(crash: CrashRecord, version: string | null): void {
    const { nowMs, newId, settings } = this.#options;
    // A clock that was set back since must not open an episode in the future.
    const atMs = Math.min(crash.atMs, nowMs);
    // Quiet for so long before, the one it would belong to may be over.
    this.#passTime(atMs);
    const looks = looksOf(crash);
    const known = looks === 'unknown' ? (this.#open.at(-1) ?? null) : this.#find([looks]);
    const burst = this.#burst(crash.signatures, version, { crashes: 1, hasStack: false });
    const { episode, notifications } = addCrashes(known?.episode ?? null, burst, newId(), atMs, settings);
    if (known !== null) {
      this.#replace(known, withCrash(known, episode, crash, version), notifications);
      return;
    }
    this.#open.push(this.#told(beginLocal(episode, crash, version), notifications));
  }

  capture(capture: CaptureRecord): void {
    const { nowMs, newId, settings } = this.#options;
    const counted = this.#open.find(({ awaited }) => awaited.includes(capture.crashUid)) ?? null;
    const same = this.#find(capture.signatures);
    const isNameless = counted !== null && counted.capturedId === null;
    const known = same ?? (isNameless ? counted : null);
    // What was counted to another cause before it was known better is counted here instead.
    const moved = counted !== null && counted !== known;
    if (moved) this.#replace(counted, withoutAwaited(uncounted(counted), capture.crashUid), []);
    // Of an episode that is over, and was told or not: there is nothing to say any more.
    if (known === null && !moved) return;
    const burst = this.#burst(capture.signatures, null, { crashes: moved ? 1 : 0, hasStack: true });
    // Time does not pass by what is learned of a crash afterwards.
    const atMs = known?.episode.lastCrashAtMs ?? Math.min(capture.atMs, nowMs);
    const { episode, notifications } = addCrashes(known?.episode ?? null, burst, newId(), atMs, settings);
    const base =
      known ??
      (counted === null ? null : { ...counted, awaited: [], looks: [looksOf(counted)], stackSent: false });
    if (base === null) return;
    const named = this.#told(withCapture(base, episode, capture, nowMs), notifications);
    this.#open = [...this.#open.filter((local) => local !== known), named];
  }

  end(): Reading {
    const { nowMs, settings } = this.#options;
    this.#passTime(nowMs);
    const wakes = this.#open.flatMap(({ episode }) => nextWakeMs(episode, settings) ?? []);
    return {
      episodes: this.#open,
      tellings: this.#tellings,
      wakeMs: wakes.length === 0 ? null : Math.min(...wakes),
    };
  }

  #passTime(atMs: number): void {
    for (const local of [...this.#open]) {
      const { episode, notifications } = passTime(local.episode, atMs, this.#options.settings);
      this.#replace(local, { ...local, episode }, notifications);
    }
    this.#open = this.#open.filter(({ episode }) => episode.closedAtMs === null);
  }

  #find(looks: readonly string[]): LocalEpisode | null {
    return this.#open.findLast((local) => looks.some((value) => local.looks.includes(value))) ?? null;
  }

  #burst(
    signatures: readonly string[],
    version: string | null,
    more: Pick<CrashBurst, 'crashes' | 'hasStack'>,
  ): CrashBurst {
    const { app, instance } = this.#options;
    return {
      app,
      signature: signatures[0] ?? '',
      instances: [instance],
      version,
      resolvedAtMs: null,
      ...more,
    };
  }

  #replace(local: LocalEpisode, by: LocalEpisode, notifications: readonly EpisodeNotification[]): void {
    const told = this.#told(by, notifications);
    this.#open = this.#open.map((other) => (other === local ? told : other));
  }

  /** @returns the episode, which knows now what people were told */
  #told(local: LocalEpisode, notifications: readonly EpisodeNotification[]): LocalEpisode {
    let told = local;
    for (const notification of notifications) {
      const stackIsNew = told.capturedId !== null && !told.stackSent;
      this.#tellings.push({ notification, local: told, stackIsNew });
      told = { ...told, stackSent: told.stackSent || stackIsNew };
    }
    return told;
  }
}

function uncounted(local: LocalEpisode): LocalEpisode {
  const { episode } = local;
  return { ...local, episode: { ...episode, crashes: Math.max(0, episode.crashes - 1) } };
}
