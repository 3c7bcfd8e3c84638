import type { CrashKind } from '../model/exit.ts';
import {
  addCrashes,
  addLateCrashes,
  type CrashBurst,
  type Episode,
  type EpisodeNotification,
  type EpisodeSettings,
  nextWakeMs,
  passTime,
  withoutAwaited,
  withoutCrash,
} from './episode.ts';

/** A new crash, or (`isNew` false) one whose stack just arrived. */
export type FollowedCrash = {
  uid: string;
  /** The group that its exit alone leads to, and the one that its stack leads to; null without a stack. */
  group: string;
  stackGroup: string | null;
  kind: CrashKind;
  instance: string;
  version: string | null;
  atMs: number;
  isNew: boolean;
  /** When its group was marked as resolved, if nothing crashed since. */
  resolvedAtMs: number | null;
};

/** An episode, and the crashes to describe it by. Times are those of the instances. */
export type FollowedEpisode = {
  episode: Episode;
  kind: CrashKind;
  version: string | null;
  /** The newest crash, and the newest with a stack. */
  crashUid: string;
  reportUid: string | null;
  firstAtMs: number;
  lastAtMs: number;
  /** Has only crashes that were past when they arrived. */
  isLate: boolean;
  /** Never later than there is something to do. It may be earlier, so that it is rarely written. */
  wakeMs: number | null;
};

/** A notification to make; `late`: of crashes that are past. `goesOn`: it has crashed again since. */
export type Due<Followed> = {
  followed: Followed;
  notification: EpisodeNotification | 'late';
  goesOn?: boolean;
};

export type BatchOptions<Followed> = {
  app: string;
  newId: () => string;
  create: (followed: FollowedEpisode) => Followed;
  /** A crash older than this is reported as past. */
  lateMs: number;
  settings?: EpisodeSettings;
};

const MINUTE_MS = 60_000;
/** Late crashes are gathered until none came for this long, at most for the second. */
const GATHER_MS = 15 * MINUTE_MS;
const GATHER_AT_MOST_MS = 360 * MINUTE_MS;

/** What is added to one episode. */
type Added = { live: CrashBurst; late: CrashBurst; isTouched: boolean };

/**
 * The open episodes of one app while crashes are added to them. Pure: read what to store and send from it afterwards.
 *
 * A crash without a stack belongs to a group that says little; the first stack leads to the group of the cause. Both
 * count for one episode: it is one problem. A second cause among the same crashes opens an episode of its own, and
 * crashes that cannot be distinguished count for the cause that was captured last.
 */
export class EpisodeBatch<Followed extends FollowedEpisode> {
  readonly #options: BatchOptions<Followed>;
  readonly #byGroup = new Map<string, Followed>();
  readonly #added = new Map<Followed, Added>();
  readonly #links = new Map<string, Followed>();
  #due: Due<Followed>[] = [];
  #nowMs = 0;
  hasNew = false;

  constructor(open: Iterable<readonly [group: string, Followed]>, options: BatchOptions<Followed>) {
    this.#options = options;
    for (const [group, followed] of open) {
      this.#byGroup.set(group, followed);
      this.#added.set(followed, nothing(followed.episode));
    }
  }

  /** Closes what is over by now, so that it is not continued. Call it before `add`. */
  passTime(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [followed, added] of this.#added) {
      if (followed.episode.closedAtMs !== null) continue;
      if (followed.isLate) {
        if ((followed.wakeMs ?? 0) <= nowMs) this.#endLate(followed, added);
        continue;
      }
      const { wakeMs } = followed;
      const due = passEpisodeTime(followed, nowMs, this.#options.settings);
      this.#due.push(...due);
      const isClosed = followed.episode.closedAtMs !== null;
      if (isClosed) this.#forget(followed);
      if (isClosed || due.length > 0) added.isTouched = true;
      else followed.wakeMs = wakeMs;
    }
  }

  add(crash: FollowedCrash): void {
    const isLate = this.#nowMs - crash.atMs > this.#options.lateMs;
    const counted = crash.isNew ? null : this.#episodeAwaiting(crash.uid);
    const own = this.#episodeFor(crash, counted, isLate);
    const isKnown = own !== null || counted !== null || this.#byGroup.has(crash.group);
    if (!crash.isNew && (!isKnown || (own === null && isLate))) return;
    const followed = own ?? this.#open(crash, isLate);
    const isMoved = counted !== null && counted !== followed;
    if (counted !== null) this.#uncount(counted, crash.uid, followed);
    const added = this.#touch(followed);
    const burst = isLate ? added.late : added.live;
    // The stack of a crash that was counted before adds no crash, unless it belongs to another episode.
    if (crash.isNew || own === null || isMoved) burst.crashes++;
    (burst.instances as string[]).push(crash.instance);
    if (crash.isNew && crash.stackGroup === null) burst.awaited.push(crash.uid);
    burst.hasStack ||= crash.stackGroup !== null;
    burst.version ??= crash.version;
    burst.resolvedAtMs ??= crash.resolvedAtMs;
    this.#noteCrash(followed, crash);
  }

  /** Applies what was added. @returns notifications to make, also of time that has passed */
  apply(): Due<Followed>[] {
    const due = this.#due;
    this.#due = [];
    for (const [followed, added] of this.#added) {
      this.#added.set(followed, { ...nothing(followed.episode), isTouched: added.isTouched });
      if (followed.episode.closedAtMs !== null) continue;
      const { live, late } = added;
      if (late.instances.length > 0) {
        followed.episode = addLateCrashes(followed.episode, late, '', this.#nowMs, this.#options.settings);
      }
      if (followed.isLate && late.instances.length > 0) {
        const lastMs = Math.min(followed.episode.openedAtMs + GATHER_AT_MOST_MS, this.#nowMs + GATHER_MS);
        followed.wakeMs = Math.max(lastMs, this.#nowMs);
      }
      if (live.instances.length > 0) due.push(...this.#continue(followed, live));
    }
    return due;
  }

  changed(): Followed[] {
    return [...this.#added].flatMap(([followed, { isTouched }]) => (isTouched ? [followed] : []));
  }

  /** Groups that lead to another episode than before. */
  links(): ReadonlyMap<string, Followed> {
    return this.#links;
  }

  /** The open episodes, by the groups that lead to them. */
  open(): ReadonlyMap<string, Followed> {
    return this.#byGroup;
  }

  #continue(followed: Followed, live: CrashBurst): Due<Followed>[] {
    const { resolvedAtMs, version } = live;
    const { notified, returned } = followed.episode;
    if (notified === null && returned === null && resolvedAtMs !== null) {
      const afterMs = Math.max(0, this.#nowMs - resolvedAtMs);
      followed.episode = { ...followed.episode, returned: { afterMs, version } };
    }
    const { settings } = this.#options;
    const { episode, notifications } = addCrashes(followed.episode, live, '', this.#nowMs, settings);
    followed.episode = episode;
    const wakeMs = nextWakeMs(episode, settings);
    // An earlier wake than needed costs a look; writing a later one with every batch would cost more.
    if (followed.wakeMs === null || (wakeMs ?? 0) < followed.wakeMs) followed.wakeMs = wakeMs;
    return notifications.map((notification) => ({ followed, notification }));
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

  #episodeAwaiting(uid: string): Followed | null {
    for (const followed of this.#added.keys()) {
      const { awaited, closedAtMs } = followed.episode;
      if (closedAtMs === null && awaited.includes(uid)) return followed;
    }
    return null;
  }

  /** A crash that counts for `owner` is taken out of this episode; an episode without another is dropped. */
  #uncount(followed: Followed, uid: string, owner: Followed): void {
    const { live, late } = this.#touch(followed);
    followed.episode =
      followed === owner ? withoutAwaited(followed.episode, uid) : withoutCrash(followed.episode, uid);
    if (followed === owner || followed.episode.crashes + live.crashes + late.crashes > 0) return;
    followed.episode = { ...followed.episode, closedAtMs: this.#nowMs };
    const groups = [...this.#byGroup].flatMap(([group, one]) => (one === followed ? [group] : []));
    this.#forget(followed);
    for (const group of groups) this.#lead(group, owner, false);
  }

  #episodeFor(
    { group, stackGroup }: FollowedCrash,
    counted: Followed | null,
    isLate: boolean,
  ): Followed | null {
    const byStack = stackGroup === null ? undefined : this.#byGroup.get(stackGroup);
    const byGroup = counted ?? this.#byGroup.get(group);
    const isFree = stackGroup === null || stackGroup === group || !this.#hasStack(byGroup);
    const found = byStack ?? (isFree ? byGroup : undefined);
    if (found === undefined) return null;
    if (found.isLate && !isLate) {
      this.#endLate(found, this.#touch(found));
      return null;
    }
    this.#leadBoth(group, stackGroup, found, isLate);
    return found;
  }

  #open(crash: FollowedCrash, isLate: boolean): Followed {
    const { group, stackGroup, kind, uid, version, atMs } = crash;
    const { app, newId, create, settings } = this.#options;
    const { live } = nothing({ app, signature: stackGroup ?? group });
    const shownMs = Math.min(atMs, this.#nowMs);
    const followed = create({
      episode: addLateCrashes(null, live, newId(), this.#nowMs, settings),
      ...{ kind, version, crashUid: uid, reportUid: null, firstAtMs: shownMs, lastAtMs: shownMs },
      ...{ isLate, wakeMs: null },
    });
    this.#added.set(followed, nothing(followed.episode));
    this.hasNew = true;
    this.#leadBoth(group, stackGroup, followed, isLate);
    return followed;
  }

  /** A stack shows which of several causes the crashes of its group have now. */
  #leadBoth(group: string, stackGroup: string | null, followed: Followed, isLate: boolean): void {
    const isNewer = stackGroup !== null && !isLate && this.#hasStack(this.#byGroup.get(group));
    this.#lead(group, followed, isNewer);
    if (stackGroup !== null) this.#lead(stackGroup, followed, true);
  }

  #lead(group: string, followed: Followed, again: boolean): void {
    const known = this.#byGroup.get(group);
    if (known === followed || (known !== undefined && !again)) return;
    this.#byGroup.set(group, followed);
    this.#links.set(group, followed);
  }

  #hasStack(followed: Followed | undefined): boolean {
    if (followed === undefined) return false;
    const added = this.#added.get(followed);
    return followed.episode.hasStack || added?.live.hasStack === true || added?.late.hasStack === true;
  }

  #endLate(followed: Followed, added: Added): void {
    this.#due.push(...closeLate(followed, this.#nowMs).map((due) => ({ ...due, goesOn: true })));
    added.isTouched = true;
    this.#forget(followed);
  }

  #forget(followed: Followed): void {
    followed.wakeMs = null;
    for (const groups of [this.#byGroup, this.#links]) {
      for (const [group, one] of groups) if (one === followed) groups.delete(group);
    }
  }

  #touch(followed: Followed): Added {
    const added = this.#added.get(followed) ?? nothing(followed.episode);
    added.isTouched = true;
    this.#added.set(followed, added);
    return added;
  }
}

/** Time has passed for an episode, whose `wakeMs` is then when to call this again. @returns notifications to make */
export function passEpisodeTime<Followed extends FollowedEpisode>(
  followed: Followed,
  nowMs: number,
  settings?: EpisodeSettings,
): Due<Followed>[] {
  if (followed.isLate) return closeLate(followed, nowMs);
  const { episode, notifications } = passTime(followed.episode, nowMs, settings);
  followed.episode = episode;
  followed.wakeMs = nextWakeMs(episode, settings);
  return notifications.map((notification) => ({ followed, notification }));
}

function closeLate<Followed extends FollowedEpisode>(followed: Followed, nowMs: number): Due<Followed>[] {
  followed.episode = { ...followed.episode, closedAtMs: nowMs };
  followed.wakeMs = null;
  return [{ followed, notification: 'late' }];
}

function nothing({ app, signature }: { app: string; signature: string }): Added {
  const burst = { app, signature, crashes: 0, hasStack: false, version: null, resolvedAtMs: null };
  return {
    live: { ...burst, instances: [], awaited: [] },
    late: { ...burst, instances: [], awaited: [] },
    isTouched: false,
  };
}
