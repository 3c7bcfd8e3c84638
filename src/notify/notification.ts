import type { EndedProcess } from '../model/ended-process.ts';
import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { Impact } from '../model/impact.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState, PolicySettings } from '../model/policy.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { EpisodeNotification, NotificationKind } from './episode.ts';

/** A crash, as far as notifications describe it. */
export type NotifiedCrash = {
  crashKind: CrashKind;
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  exitStatus: ExitStatus | null;
  /** null if no stack was captured (yet). */
  report: RedactedReport | null;
};

export type NotificationBase = {
  app: string;
  /** When it was made; the date of its mail, however late that is sent. */
  atMs: number;
  /** The crash's page in the portal; null without a portal. */
  pageUrl: string | null;
  /** Page of its preferences; null without a portal. */
  settingsUrl: string | null;
  /** For the times in messages; null: UTC. */
  timeZone: string | null;
};

/** Of an episode. */
export type CrashNotification = NotificationBase &
  NotifiedCrash & {
    kind: NotificationKind;
    episodeId: string;
    /** Title of the group of crashes. */
    title: string;
    crashes: number;
    /** `names` holds the first few. */
    instances: { count: number; names: readonly string[] };
    version: string | null;
    openedAtMs: number;
    lastCrashAtMs: number;
    closedAtMs: number | null;
    /** Of the instance that crashed last; null if unknown. */
    settings: PolicySettings | null;
    /** Of the same instance. */
    crashesInWindow: number;
    state: MonitorState | null;
    /** Why a crash like this one cannot be captured; null or missing if unknown. */
    noCapture?: NoCapture | null | undefined;
    /** From an exit to the start of the next worker, by crashmon or by its master. */
    backAfterMs: number | null;
    /** Which process crashed last; missing in what an older version stored. */
    process?: EndedProcess;
    /** What the last crash did to users; missing if unknown. */
    impact?: Impact | null;
    returned: { afterMs: number; version: string | null } | null;
    spread: EpisodeNotification['spread'];
    /** No notification had the call stack before: the one about the end has it. */
    stackIsNew?: boolean;
  };

/** One kind of crash in a digest. */
export type DigestItem = NotifiedCrash & {
  kind: NotificationKind;
  episodeId: string;
  title: string;
  crashes: number;
  instances: number;
  lastCrashAtMs: number;
  closedAtMs: number | null;
  pageUrl: string | null;
};

/** Instead of single messages: once a day, or beyond the hourly limit. */
export type DigestNotification = NotificationBase & {
  kind: 'digest';
  fromMs: number;
  untilMs: number;
  /** The largest. */
  items: readonly DigestItem[];
  /** Numbers of causes, of crashes, and of causes that may be ongoing. */
  all: { causes: number; crashes: number; open: number };
  /** One of them stands for further causes, which the portal no longer distinguishes. */
  hasOthers: boolean;
  /** The hourly limit, if it held some of them back; else null. */
  perHour: number | null;
};

/** To see whether messages arrive. */
export type TestNotification = NotificationBase & { kind: 'test' };

/**
 * Everything that a message says. It has no field for exception messages, arguments, environment or memory: it contains
 * only what may leave the instance.
 */
export type Notification = CrashNotification | DigestNotification | TestNotification;
