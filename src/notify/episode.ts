import { type CrashRate, crashRate, rateOf } from './crash-rate.ts';

/**
 * A series of crashes of one app with one cause: opened by the first, closed after a quiet time. Plain data, to be
 * stored; every function here is pure and takes `nowMs`, which can jump in both directions.
 */
export type Episode = {
  id: string;
  app: string;
  signature: string;
  openedAtMs: number;
  /** By our own clock, not the sender's. */
  lastCrashAtMs: number;
  crashes: number;
  /** Different ones, at most `MAX_INSTANCES`. */
  instances: string[];
  /** uids of its newest crashes without a stack: it can follow. */
  awaited: string[];
  rate: CrashRate;
  /** What the first notification said; null before it. */
  notified: { atMs: number; instances: number; crashesPerWindow: number } | null;
  /** Then the first notification is made, with or without a stack. */
  notifyByMs: number;
  hasStack: boolean;
  /** A notification had it. */
  stackSent: boolean;
  escalated: boolean;
  /** It had been resolved: how long before, and the version in which it came back. */
  returned: { afterMs: number; version: string | null } | null;
  closedAtMs: number | null;
};

/** Crashes of one app and signature that arrived together. */
export type CrashBurst = {
  app: string;
  signature: string;
  crashes: number;
  instances: readonly string[];
  /** uids of those without a stack. */
  awaited: string[];
  /** One of them has a stack by now. */
  hasStack: boolean;
  version: string | null;
  /** When the signature was marked as resolved; null if it was not. */
  resolvedAtMs: number | null;
};

export type NotificationKind = 'opened' | 'returned' | 'escalated' | 'recovered';

/** At most one of each kind comes from an episode. */
export type EpisodeNotification = {
  kind: NotificationKind;
  atMs: number;
  /** There is a stack that no notification had before. */
  stackIsNew: boolean;
  /** Why it is an escalation. */
  spread: { instancesBefore: number; crashesBefore: number; windowMs: number } | null;
};

export type EpisodeStep = { episode: Episode; notifications: EpisodeNotification[] };

export type EpisodeSettings = {
  /** It is over after this time without a crash. */
  quietMs: number;
  /** How long the first notification waits for a call stack. */
  stackGraceMs: number;
};

const EPISODE_SETTINGS: EpisodeSettings = { quietMs: 3_600_000, stackGraceMs: 120_000 };

const MAX_INSTANCES = 1000;
/** Last words follow within a second or so, a capture later; of a crash that is no longer awaited both count. */
const MAX_AWAITED = 50;
/** An escalation: so many times the instances last reported, and at least so many. */
const SPREAD_FACTOR = 3;
const SPREAD_LEAST = 3;
const RATE_FACTOR = 10;
/** Ten times one crash is not worth a second mail. */
const RATE_LEAST = 30;

/** @param current the newest episode of this app and signature; null if there is none */
export function addCrashes(
  current: Episode | null,
  burst: CrashBurst,
  newId: string,
  nowMs: number,
  settings: EpisodeSettings = EPISODE_SETTINGS,
): EpisodeStep {
  const last =
    current === null || current.closedAtMs !== null ? null : closeIfQuiet(current, nowMs, settings);
  const closed = last !== null && last.episode.closedAtMs !== null ? last : null;
  const open = last !== null && closed === null ? last.episode : null;
  const before = open ?? opened(burst, newId, nowMs, settings);
  const episode: Episode = {
    ...counted(before, burst),
    lastCrashAtMs: nowMs,
    rate: crashRate(before.rate, burst.crashes, nowMs),
  };
  const step = notifyIfDue(episode, nowMs);
  return { episode: step.episode, notifications: [...(closed?.notifications ?? []), ...step.notifications] };
}

/** Time has passed: the first notification may be due, or the episode over. */
export function passTime(
  episode: Episode,
  nowMs: number,
  settings: EpisodeSettings = EPISODE_SETTINGS,
): EpisodeStep {
  if (episode.closedAtMs !== null) return { episode, notifications: [] };
  const due = notifyIfDue(episode, nowMs);
  const over = closeIfQuiet(due.episode, nowMs, settings);
  return { episode: over.episode, notifications: [...due.notifications, ...over.notifications] };
}

/**
 * Crashes of long ago that arrive only now, because something on the way was down. They are only counted: what is over
 * neither escalates nor continues.
 *
 * @param current the open episode; null if there is none
 */
export function addLateCrashes(
  current: Episode | null,
  burst: CrashBurst,
  newId: string,
  nowMs: number,
  settings: EpisodeSettings = EPISODE_SETTINGS,
): Episode {
  return counted(current ?? opened(burst, newId, nowMs, settings), burst);
}

function counted(episode: Episode, burst: CrashBurst): Episode {
  return {
    ...episode,
    crashes: episode.crashes + burst.crashes,
    instances: union(episode.instances, burst.instances),
    awaited: [...episode.awaited, ...burst.awaited].slice(-MAX_AWAITED),
    hasStack: episode.hasStack || burst.hasStack,
  };
}

/** The stack of this crash came, or counts for another episode. */
export function withoutAwaited(episode: Episode, uid: string): Episode {
  return { ...episode, awaited: episode.awaited.filter((other) => other !== uid) };
}

/** A crash that turned out to have another cause. Of crashes that were reported, one stays. */
export function withoutCrash(episode: Episode, uid: string): Episode {
  const least = episode.notified === null ? 0 : 1;
  return { ...withoutAwaited(episode, uid), crashes: Math.max(least, episode.crashes - 1) };
}

/** When `passTime` has something to do at the earliest; null if it is closed. */
export function nextWakeMs(episode: Episode, settings: EpisodeSettings = EPISODE_SETTINGS): number | null {
  if (episode.closedAtMs !== null) return null;
  const quietAtMs = episode.lastCrashAtMs + settings.quietMs;
  return episode.notified === null ? Math.min(episode.notifyByMs, quietAtMs) : quietAtMs;
}

function opened(burst: CrashBurst, id: string, nowMs: number, settings: EpisodeSettings): Episode {
  const { app, signature, resolvedAtMs, version } = burst;
  return {
    id,
    app,
    signature,
    openedAtMs: nowMs,
    lastCrashAtMs: nowMs,
    crashes: 0,
    instances: [],
    awaited: [],
    rate: rateOf(nowMs),
    notified: null,
    notifyByMs: nowMs + settings.stackGraceMs,
    hasStack: false,
    stackSent: false,
    escalated: false,
    returned: resolvedAtMs === null ? null : { afterMs: Math.max(0, nowMs - resolvedAtMs), version },
    closedAtMs: null,
  };
}

function notifyIfDue(episode: Episode, nowMs: number): EpisodeStep {
  const { notified, rate, instances } = episode;
  if (notified === null) {
    // A clock that was set back must not delay it.
    const waited = nowMs >= episode.notifyByMs || nowMs < episode.openedAtMs;
    if (!episode.hasStack && !waited) return { episode, notifications: [] };
    const kind = episode.returned === null ? 'opened' : 'returned';
    const crashesPerWindow = Math.max(rate.current, rate.previous);
    const first = { atMs: nowMs, instances: instances.length, crashesPerWindow };
    return notify({ ...episode, notified: first }, kind, nowMs);
  }
  if (episode.escalated) return { episode, notifications: [] };
  const wider = instances.length >= Math.max(SPREAD_LEAST, notified.instances * SPREAD_FACTOR);
  const faster = rate.current >= Math.max(RATE_LEAST, notified.crashesPerWindow * RATE_FACTOR);
  if (!wider && !faster) return { episode, notifications: [] };
  const spread = {
    instancesBefore: notified.instances,
    crashesBefore: notified.crashesPerWindow,
    windowMs: rate.windowMs,
  };
  return notify({ ...episode, escalated: true }, 'escalated', nowMs, spread);
}

function notify(
  episode: Episode,
  kind: NotificationKind,
  atMs: number,
  spread: EpisodeNotification['spread'] = null,
): EpisodeStep {
  const { hasStack, stackSent } = episode;
  return {
    episode: { ...episode, stackSent: hasStack || stackSent },
    notifications: [{ kind, atMs, spread, stackIsNew: hasStack && !stackSent }],
  };
}

function closeIfQuiet(episode: Episode, nowMs: number, settings: EpisodeSettings): EpisodeStep {
  // After a clock was set back, the quiet time begins anew.
  const lastCrashAtMs = Math.min(episode.lastCrashAtMs, nowMs);
  if (nowMs - lastCrashAtMs < settings.quietMs)
    return { episode: { ...episode, lastCrashAtMs }, notifications: [] };
  const closed = { ...episode, closedAtMs: nowMs };
  // An end is reported only if the beginning was.
  return episode.notified === null
    ? { episode: closed, notifications: [] }
    : notify(closed, 'recovered', nowMs);
}

function union(known: readonly string[], more: readonly string[]): string[] {
  if (known.length >= MAX_INSTANCES) return [...known];
  return [...new Set([...known, ...more])].slice(0, MAX_INSTANCES);
}
