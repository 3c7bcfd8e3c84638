import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState, PolicySettings } from '../model/policy.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { EpisodeNotification, NotificationKind } from './episode.ts';

/** What a crash was, as far as it was told. */
export type NotifiedCrash = {
  crashKind: CrashKind;
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  exitStatus: ExitStatus | null;
  /** null where no stack was captured (yet). */
  report: RedactedReport | null;
};

export type NotificationBase = {
  app: string;
  /** When it was decided to tell people; the date of its mail, however late that is sent. */
  atMs: number;
  /** The crash's page in the portal; null without a portal. */
  pageUrl: string | null;
  /** Where people choose what they are told; null without a portal. */
  settingsUrl: string | null;
  /** For the times in messages; null: UTC. */
  timeZone: string | null;
};

/** People are told of an episode. */
export type CrashNotification = NotificationBase &
  NotifiedCrash & {
    kind: NotificationKind;
    episodeId: string;
    /** What people call the group of crashes. */
    title: string;
    crashes: number;
    /** `names` holds the first few. */
    instances: { count: number; names: readonly string[] };
    version: string | null;
    openedAtMs: number;
    lastCrashAtMs: number;
    closedAtMs: number | null;
    /** Of the instance that crashed last; null where they are not known. */
    settings: PolicySettings | null;
    /** Of the same instance. */
    crashesInWindow: number;
    state: MonitorState | null;
    /** Why a crash like this one cannot be captured; null or missing if unknown. */
    noCapture?: NoCapture | null | undefined;
    /** From a death to the start of the next worker. */
    backAfterMs: number | null;
    returned: { afterMs: number; version: string | null } | null;
    spread: EpisodeNotification['spread'];
    /** People were told before there was a call stack, and nothing since: the end of it brings them the stack. */
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

/** What would have been single messages: once a day, or beyond an hour's limit. */
export type DigestNotification = NotificationBase & {
  kind: 'digest';
  fromMs: number;
  untilMs: number;
  /** The largest. */
  items: readonly DigestItem[];
  /** How many causes there are in all, how many crashes, and how many causes may go on. */
  all: { causes: number; crashes: number; open: number };
  /** The limit an hour that held some of them back; null where none did. */
  perHour: number | null;
};

/** Somebody asked whether messages arrive. */
export type TestNotification = NotificationBase & { kind: 'test' };

/**
 * Everything that a message says. It has no field for a message of an exception, arguments, environment or memory: what
 * is told of a crash is what may leave its instance.
 */
export type Notification = CrashNotification | DigestNotification | TestNotification;
