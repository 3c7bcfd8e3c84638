import { type CrashRate, crashRate, rateOf } from './crash-rate.ts';

/**
 * A run of crashes of one app and one signature: opened by the first, closed after a quiet time. Plain data, so that a
 * store can keep it; every function here is pure and has `nowMs` passed in, which may jump in both directions.
 */
export type Episode = {
  id: string;
  app: string;
  signature: string;
  openedAtMs: number;
  /** By our own clock, not the sender's. */
  lastCrashAtMs: number;
  crashes: number;
  /** Different ones, at most `MAX_INSTANCES` of them by name. */
  instances: string[];
  rate: CrashRate;
  /** How many instances had it when people were told first; null before. */
  notified: { atMs: number; instances: number; crashesPerWindow: number } | null;
  /** People are told at the latest now, with or without a stack. */
  notifyByMs: number;
  /** When the stack came that is in the first notification. */
  hasStack: boolean;
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
  /** One of them has a stack by now. */
  hasStack: boolean;
  version: string | null;
  /** When the signature was set to resolved, null where it was not. */
  resolvedAtMs: number | null;
};

export type NotificationKind = 'opened' | 'returned' | 'escalated' | 'recovered';

/** What an episode wants people to be told. At most one of each kind comes of an episode. */
export type EpisodeNotification = {
  kind: NotificationKind;
  atMs: number;
  /** Why it is an escalation. */
  spread: { instancesBefore: number; crashesBefore: number; windowMs: number } | null;
};

export type EpisodeStep = { episode: Episode; notifications: EpisodeNotification[] };

export type EpisodeSettings = {
  /** Without a crash for so long it is over. */
  quietMs: number;
  /** So long the first notification waits for a call stack. */
  stackGraceMs: number;
};

const EPISODE_SETTINGS: EpisodeSettings = { quietMs: 3_600_000, stackGraceMs: 120_000 };

const MAX_INSTANCES = 1000;
/** It spreads when so many times as many instances have it as people were told of, and at least so many. */
const SPREAD_FACTOR = 3;
const SPREAD_LEAST = 3;
const RATE_FACTOR = 10;
/** Ten times one crash is no escalation worth a second mail. */
const RATE_LEAST = 30;

/** @param current the newest episode of this app and signature, null where there is none */
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
    ...before,
    lastCrashAtMs: nowMs,
    crashes: before.crashes + burst.crashes,
    instances: union(before.instances, burst.instances),
    rate: crashRate(before.rate, burst.crashes, nowMs),
    hasStack: before.hasStack || burst.hasStack,
  };
  const step = notifyIfDue(episode, nowMs);
  return { episode: step.episode, notifications: [...(closed?.notifications ?? []), ...step.notifications] };
}

/** Time has passed: the first notification may be due, or the episode over. To be called now and then. */
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
 * Crashes that happened long ago and are heard of only now, since something on the way was down. They are counted, and
 * nothing else: what is over neither spreads nor goes on. The episode is given back as it was but for its numbers.
 *
 * @param current the episode that is open, null where there is none
 */
export function addLateCrashes(
  current: Episode | null,
  burst: CrashBurst,
  newId: string,
  nowMs: number,
  settings: EpisodeSettings = EPISODE_SETTINGS,
): Episode {
  const before = current ?? opened(burst, newId, nowMs, settings);
  return {
    ...before,
    crashes: before.crashes + burst.crashes,
    instances: union(before.instances, burst.instances),
    hasStack: before.hasStack || burst.hasStack,
  };
}

/** When `passTime` has something to do at the earliest; null for one that is closed. */
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
    rate: rateOf(nowMs),
    notified: null,
    notifyByMs: nowMs + settings.stackGraceMs,
    hasStack: false,
    escalated: false,
    returned: resolvedAtMs === null ? null : { afterMs: Math.max(0, nowMs - resolvedAtMs), version },
    closedAtMs: null,
  };
}

function notifyIfDue(episode: Episode, nowMs: number): EpisodeStep {
  const { notified, rate, instances } = episode;
  if (notified === null) {
    // A clock that was set back must not keep people from being told.
    const waited = nowMs >= episode.notifyByMs || nowMs < episode.openedAtMs;
    if (!episode.hasStack && !waited) return { episode, notifications: [] };
    const kind = episode.returned === null ? 'opened' : 'returned';
    const crashesPerWindow = Math.max(rate.current, rate.previous);
    return {
      episode: { ...episode, notified: { atMs: nowMs, instances: instances.length, crashesPerWindow } },
      notifications: [{ kind, atMs: nowMs, spread: null }],
    };
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
  return {
    episode: { ...episode, escalated: true },
    notifications: [{ kind: 'escalated', atMs: nowMs, spread }],
  };
}

function closeIfQuiet(episode: Episode, nowMs: number, settings: EpisodeSettings): EpisodeStep {
  // After a clock was set back the quiet time begins anew.
  const lastCrashAtMs = Math.min(episode.lastCrashAtMs, nowMs);
  if (nowMs - lastCrashAtMs < settings.quietMs)
    return { episode: { ...episode, lastCrashAtMs }, notifications: [] };
  // Who was never told of its beginning is not told of its end.
  const notifications: EpisodeNotification[] =
    episode.notified === null ? [] : [{ kind: 'recovered', atMs: nowMs, spread: null }];
  return { episode: { ...episode, closedAtMs: nowMs }, notifications };
}

function union(known: readonly string[], more: readonly string[]): string[] {
  if (known.length >= MAX_INSTANCES) return [...known];
  return [...new Set([...known, ...more])].slice(0, MAX_INSTANCES);
}
