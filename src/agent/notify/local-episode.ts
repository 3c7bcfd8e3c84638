import type { CrashKind, ExitStatus } from '../../model/exit.ts';
import type { MonitorState, PolicySettings } from '../../model/policy.ts';
import type { CaptureRecord, CrashRecord } from '../../model/telemetry.ts';
import type { Episode } from '../../notify/episode.ts';

/** An open episode of this instance, as it lies in the journal. */
export type LocalEpisode = {
  episode: Episode;
  /** What its exits look like from outside, and the signatures of its captures. */
  looks: string[];
  /** When it began, or its newest capture came. */
  knownAtMs: number;
  title: string;
  kind: CrashKind;
  status: ExitStatus;
  signal: string | null;
  exceptionType: string | null;
  code: string | null;
  version: string | null;
  /** Run of the newest crash. */
  crashId: string;
  /** Run of the crash that was captured; null before. */
  capturedId: string | null;
  /** People have got its call stack. */
  stackSent: boolean;
  /** uids of its crashes whose capture is to follow. */
  awaited: string[];
  crashesInWindow: number;
  settings: PolicySettings;
  state: MonitorState;
};

/** More captures than this never are on their way at once. */
const MAX_AWAITED = 20;
const MAX_LOOKS = 50;

/**
 * What is known of a crash before it is captured, so coarse that a worker with the probe and one without look the same:
 * without it a rejection cannot be told from an exception, nor either from an exit of the app's own.
 */
export function looksOf({ kind, status }: Pick<CrashRecord, 'kind' | 'status'>): string {
  if (kind === 'out-of-memory' || kind === 'oom-kill') return kind;
  if (status.type === 'unknown') return 'unknown';
  return status.type === 'code' ? `code ${status.code}` : status.signal;
}

export function beginLocal(episode: Episode, crash: CrashRecord, version: string | null): LocalEpisode {
  const empty = {
    capturedId: null,
    exceptionType: null,
    code: null,
    looks: [],
    awaited: [],
    title: '',
    stackSent: false,
  };
  const knownAtMs = episode.openedAtMs;
  return withCrash({ ...empty, ...factsOf(crash, version), episode, knownAtMs }, episode, crash, version);
}

/** One more crash. What is known by a capture is kept: another exit alone says less. */
export function withCrash(
  local: LocalEpisode,
  episode: Episode,
  crash: CrashRecord,
  version: string | null,
): LocalEpisode {
  const { kind, status, signal, ...facts } = factsOf(crash, version);
  return {
    ...local,
    ...facts,
    ...(local.capturedId === null ? { kind, status, signal, title: crash.title } : {}),
    episode,
    looks: union(local.looks, [looksOf(crash)]),
    awaited: crash.captured ? [...local.awaited, crash.uid].slice(-MAX_AWAITED) : local.awaited,
  };
}

/** The call stack of one of its crashes. */
export function withCapture(
  local: LocalEpisode,
  episode: Episode,
  capture: CaptureRecord,
  nowMs: number,
): LocalEpisode {
  const { report } = capture;
  return {
    ...withoutAwaited(local, capture.crashUid),
    episode,
    looks: union(local.looks, capture.signatures),
    knownAtMs: nowMs,
    title: capture.title,
    kind: report.kind,
    signal: report.signal,
    exceptionType: report.exceptionType,
    code: report.code,
    capturedId: report.id,
  };
}

export function withoutAwaited(local: LocalEpisode, crashUid: string): LocalEpisode {
  return { ...local, awaited: local.awaited.filter((uid) => uid !== crashUid) };
}

function factsOf(crash: CrashRecord, version: string | null) {
  const { kind, status, crashId, crashesInWindow, settings, state } = crash;
  const signal = status.type === 'signal' ? status.signal : null;
  return { kind, status, signal, crashId, crashesInWindow, settings, state, version };
}

function union(known: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...known, ...more])].slice(-MAX_LOOKS);
}
