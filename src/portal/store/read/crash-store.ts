import type { CrashKind, ExitStatus } from '../../../model/exit.ts';
import type { ExitReason } from '../../../model/exit-reason.ts';
import type { PolicySettings } from '../../../model/policy.ts';
import type { RedactedReport } from '../../../model/redacted-report.ts';

/** From `fromMs` on, before `toMs`; Unix time in milliseconds. */
export type TimeRange = { fromMs: number; toMs: number };

/** One crash in a list. */
export type CrashEvent = {
  uid: string;
  crashId: string;
  atMs: number;
  instance: string;
  version: string | null;
  kind: CrashKind;
  status: ExitStatus;
  /** Of the report where there is one. */
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  /** Id of the group (`/apps/<app>/signatures/<id>`). */
  signature: string;
  title: string;
  suspected: boolean;
  armed: boolean;
  /** A report is to follow, if its analysis succeeds. */
  captured: boolean;
  /** There is a report with what was found. */
  hasReport: boolean;
  /** There is a report, and it has a call stack: some crashes have none to be read. */
  hasStack: boolean;
  backAfterMs: number | null;
  crashesInWindow: number;
  settings: PolicySettings;
};

export type CrashDetail = CrashEvent & {
  reason: ExitReason;
  /** null where the sender does not say. */
  uptimeMs: number | null;
  report: RedactedReport | null;
};

export type CrashFilter = {
  range: TimeRange;
  kind?: CrashKind | undefined;
  signature?: string | undefined;
  instance?: string | undefined;
  version?: string | undefined;
  /** Only those with (true) or without (false) a report. */
  hasReport?: boolean | undefined;
};

/** Newest first; `next` is to be given back as `after` for the rest, null at the end. */
export type Page<Item> = { items: Item[]; next: string | null };

export type CrashStore = {
  crashes(app: string, filter: CrashFilter, limit: number, after?: string): Promise<Page<CrashEvent>>;
  crash(app: string, uid: string): Promise<CrashDetail | null>;
};
