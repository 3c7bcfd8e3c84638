import { randomBytes } from 'node:crypto';
import type { CrashKind } from '../../../model/exit.ts';
import {
  addCrashes,
  addLateCrashes,
  type CrashBurst,
  type EpisodeNotification,
  nextWakeMs,
  passTime,
} from '../../../notify/episode.ts';
import { HOUR_MS, MINUTE_MS } from '../limits.ts';
import { keyOf } from '../write/batch.ts';
import type { Announcement } from './announce.ts';
import type { StoredEpisode } from './episode-rows.ts';

/** A crash that was just stored, or (`isNew` false) whose stack just arrived. */
export type FollowedCrash = {
  appId: number;
  /** Its group before its stack was known, and the one that the stack leads to; null without a stack. */
  group: string;
  stackGroup: string | null;
  kind: CrashKind;
  uid: string;
  instance: string;
  version: string | null;
  atMs: number;
  isNew: boolean;
};

/** A crash older than this is reported as past. */
const LATE_MS = HOUR_MS;
/** Late crashes are gathered until none came for this long, at most for the second. */
const GATHER_MS = 15 * MINUTE_MS;
const GATHER_AT_MOST_MS = 6 * HOUR_MS;

/** What this batch adds to one episode. */
type Added = { live: CrashBurst; late: CrashBurst; isTouched: boolean };
type Followed = StoredEpisode & { added: Added };

/** The open episodes of one batch of crashes. Pure: read what to store and announce from it afterwards. */
export class EpisodeBatch {
  readonly #apps: ReadonlyMap<number, string>;
  readonly #nowMs: number;
  /** By app and group. */
  readonly #byGroup = new Map<string, Followed>();
  readonly #all = new Set<Followed>();
  readonly #links = new Map<string, { appId: number; group: string; episodeId: string }>();
  readonly #ended: Announcement[] = [];
  hasNew = false;

  constructor(apps: ReadonlyMap<number, string>, open: ReadonlyMap<string, StoredEpisode>, nowMs: number) {
    this.#apps = apps;
    this.#nowMs = nowMs;
    const followed = new Map<StoredEpisode, Followed>();
    for (const [key, stored] of open) {
      const known = followed.get(stored) ?? { ...stored, added: this.#nothing(stored.episode) };
      followed.set(stored, known);
      this.#byGroup.set(key, known);
      this.#all.add(known);
    }
  }

  /** The portal may have been down: an episode that is over by now is closed, not continued. */
  endQuiet(): void {
    for (const followed of this.#all) {
      if (followed.isLate) {
        if ((followed.wakeMs ?? 0) <= this.#nowMs) this.#endLate(followed);
        continue;
      }
      const { episode, notifications } = passTime(followed.episode, this.#nowMs);
      const isDue = notifications.length > 0 || episode.closedAtMs !== null;
      if (!isDue) continue;
      followed.episode = episode;
      followed.added.isTouched = true;
      for (const notice of notifications) this.#ended.push({ stored: followed, notice });
      if (episode.closedAtMs !== null) this.#forget(followed);
    }
  }

  add(crash: FollowedCrash, resolved: ReadonlyMap<string, number>): void {
    const isLate = this.#nowMs - crash.atMs > LATE_MS;
    const own = this.#episodeFor(crash, isLate);
    if (own === null && !crash.isNew && (isLate || this.#get(crash.appId, crash.group) === undefined)) return;
    const followed = own ?? this.#open(crash, isLate);
    const since = [crash.stackGroup, crash.group].map((group) =>
      group === null ? undefined : resolved.get(keyOf(crash.appId, group)),
    );
    const resolvedAtMs = since.find((at) => at !== undefined && crash.atMs > at) ?? null;
    const { added } = followed;
    added.isTouched = true;
    const burst = isLate ? added.late : added.live;
    // A stack of a crash that was counted before adds no crash; one that opens an episode of its own does.
    if (crash.isNew || own === null) burst.crashes++;
    (burst.instances as string[]).push(crash.instance);
    burst.hasStack ||= crash.stackGroup !== null;
    burst.version ??= crash.version;
    burst.resolvedAtMs ??= resolvedAtMs;
    this.#noteCrash(followed, crash);
  }

  #noteCrash(followed: Followed, { uid, version, atMs, stackGroup, kind }: FollowedCrash): void {
    // Clocks of instances may be ahead.
    const shownMs = Math.min(atMs, this.#nowMs);
    followed.firstAtMs = Math.min(followed.firstAtMs, shownMs);
    if (shownMs >= followed.lastAtMs) {
      followed.lastAtMs = shownMs;
      followed.crashUid = uid;
      followed.version = version ?? followed.version;
    }
    if (stackGroup === null) return;
    followed.reportUid = uid;
    followed.kind = kind;
  }

  #episodeFor({ appId, group, stackGroup }: FollowedCrash, isLate: boolean): Followed | null {
    const byStack = stackGroup === null ? undefined : this.#get(appId, stackGroup);
    const byGroup = this.#get(appId, group);
    const isFree = (one: Followed) =>
      stackGroup === null || stackGroup === group || !(one.episode.hasStack || hasStack(one.added));
    const found = byStack ?? (byGroup !== undefined && isFree(byGroup) ? byGroup : undefined);
    if (found === undefined) return null;
    if (found.isLate && !isLate) {
      this.#endLate(found);
      return null;
    }
    this.#lead(appId, group, found, false);
    if (stackGroup !== null) this.#lead(appId, stackGroup, found, true);
    return found;
  }

  #open({ appId, group, stackGroup, kind, uid, version, atMs }: FollowedCrash, isLate: boolean): Followed {
    const app = this.#apps.get(appId) ?? '';
    const signature = stackGroup ?? group;
    const burst = { app, signature };
    const shownMs = Math.min(atMs, this.#nowMs);
    const followed: Followed = {
      appId,
      episode: addLateCrashes(null, { ...EMPTY, ...burst, instances: [] }, newEpisodeId(), this.#nowMs),
      ...{ kind, version, crashUid: uid, reportUid: null, firstAtMs: shownMs, lastAtMs: shownMs },
      ...{ isLate, isAnnounced: false, held: null, wakeMs: null, storedInstances: 0, isStored: false },
      added: this.#nothing(burst),
    };
    this.#all.add(followed);
    this.hasNew = true;
    this.#lead(appId, group, followed, false);
    if (stackGroup !== null) this.#lead(appId, stackGroup, followed, true);
    return followed;
  }

  /** Applies the batch. @returns what to announce */
  settle(): Announcement[] {
    const announcements = [...this.#ended];
    for (const followed of this.#all) {
      const { added, isLate } = followed;
      if (!added.isTouched || followed.episode.closedAtMs !== null) continue;
      if (isLate) {
        followed.episode = addLateCrashes(followed.episode, added.late, '', this.#nowMs);
        const lastMs = Math.min(followed.episode.openedAtMs + GATHER_AT_MOST_MS, this.#nowMs + GATHER_MS);
        followed.wakeMs = Math.max(lastMs, this.#nowMs);
        continue;
      }
      if (added.late.instances.length > 0) {
        followed.episode = addLateCrashes(followed.episode, added.late, '', this.#nowMs);
      }
      for (const notice of this.#continue(followed)) announcements.push({ stored: followed, notice });
      const wakeMs = nextWakeMs(followed.episode);
      // An earlier wake than needed costs a look; writing a later one with every batch would cost more.
      if (followed.wakeMs === null || (wakeMs ?? 0) < followed.wakeMs) followed.wakeMs = wakeMs;
    }
    return announcements;
  }

  #continue(followed: Followed): EpisodeNotification[] {
    const { live } = followed.added;
    if (live.instances.length === 0) return [];
    const { resolvedAtMs, version } = live;
    const { notified, returned } = followed.episode;
    if (notified === null && returned === null && resolvedAtMs !== null) {
      const afterMs = Math.max(0, this.#nowMs - resolvedAtMs);
      followed.episode = { ...followed.episode, returned: { afterMs, version } };
    }
    const { episode, notifications } = addCrashes(followed.episode, live, '', this.#nowMs);
    followed.episode = episode;
    return notifications;
  }

  changed(): StoredEpisode[] {
    return [...this.#all].filter(({ added }) => added.isTouched);
  }

  links(): { appId: number; group: string; episodeId: string }[] {
    return [...this.#links.values()];
  }

  #get(appId: number, group: string): Followed | undefined {
    return this.#byGroup.get(keyOf(appId, group));
  }

  #lead(appId: number, group: string, followed: Followed, again: boolean): void {
    const key = keyOf(appId, group);
    const known = this.#byGroup.get(key);
    if (known === followed || (known !== undefined && !again)) return;
    this.#byGroup.set(key, followed);
    this.#links.set(key, { appId, group, episodeId: followed.episode.id });
  }

  #endLate(followed: Followed): void {
    followed.episode = { ...followed.episode, closedAtMs: this.#nowMs };
    followed.added.isTouched = true;
    this.#ended.push({ stored: followed, notice: 'late', goesOn: true });
    this.#forget(followed);
  }

  #forget(followed: Followed): void {
    followed.wakeMs = null;
    for (const [key, one] of this.#byGroup) if (one === followed) this.#byGroup.delete(key);
    for (const [key, link] of this.#links) {
      if (link.episodeId === followed.episode.id) this.#links.delete(key);
    }
  }

  #nothing({ app, signature }: { app: string; signature: string }): Added {
    return {
      live: { ...EMPTY, app, signature, instances: [] },
      late: { ...EMPTY, app, signature, instances: [] },
      isTouched: false,
    };
  }
}

const EMPTY = {
  crashes: 0,
  instances: [] as readonly string[],
  hasStack: false,
  version: null,
  resolvedAtMs: null,
};

const hasStack = ({ live, late }: Added): boolean => live.hasStack || late.hasStack;

const newEpisodeId = (): string => randomBytes(8).toString('hex');
