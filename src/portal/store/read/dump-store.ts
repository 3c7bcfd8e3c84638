import type { DumpKind } from '../../../model/dump.ts';
import type { ExitStatus } from '../../../model/exit.ts';
import type { PublicSession } from '../../../model/public-session.ts';
import type { RemoteRequest, RequestRefusal } from '../../../model/remote-request.ts';

/** A session that keeps dumps on an instance. */
export type SessionSummary = {
  id: string;
  instance: string;
  /** As the instance said it last; `time` once its time is over. */
  state: PublicSession['state'];
  startedAtMs: number;
  endsAtMs: number;
  maxDumps: number;
  kept: number;
  /** The account that asked for it from here, by the portal's own record; null: it was started on the instance. */
  startedBy: string | null;
};

/** A dump that an instance keeps, or kept. */
export type DumpSummary = {
  kind: DumpKind;
  crashUid: string;
  /** As `crashmon session dumps` shows it there. */
  id: string;
  instance: string;
  status: ExitStatus;
  /** Of its crash; null if that has none, or is not here. */
  exceptionType: string | null;
  /** Is its crash here? */
  hasCrash: boolean;
  sizeBytes: number;
  full: boolean;
  encrypted: boolean;
  keptAtMs: number;
  expiresAtMs: number;
  deletedAtMs: number | null;
  /** Is all of it here, encrypted? Then admins can download it. */
  hasCopy: boolean;
};

/** What an admin asked an instance for. */
export type RequestSummary = {
  id: string;
  instance: string;
  what: RemoteRequest['what'];
  maxDumps: number | null;
  forMs: number | null;
  /** Name of the account. */
  askedBy: string;
  atMs: number;
  /** `expired`: the instance has not answered within an hour. */
  state: 'asked' | 'started' | 'refused' | 'expired';
  why: RequestRefusal | null;
  answeredAtMs: number | null;
};

export type Sessions = {
  sessions: SessionSummary[];
  dumps: DumpSummary[];
  requests: RequestSummary[];
};

export type DumpStore = {
  /** Newest first, at most 500 of each; all of one instance, or of the app. */
  dumpSessions(app: string, sinceMs: number, nowMs: number, instance?: string): Promise<Sessions>;
  /** The dump of a crash, if one was kept. */
  dumpOf(app: string, instance: string, crashUid: string): Promise<DumpSummary | null>;
};
