import type { CrashKind, ExitStatus } from '../../../model/exit.ts';
import type { TimeRange } from './crash-store.ts';

export type Timeline = {
  fromMs: number;
  bucketMs: number;
  /** Most frequent first, at most seven; one count per bucket. */
  series: { signature: string; title: string; counts: number[] }[];
  /** Crashes of all other signatures. */
  other: number[];
  deploys: { version: string; atMs: number }[];
};

/** How often crashes ended in which way, most frequent first. */
export type CauseCount = {
  kind: CrashKind;
  exceptionType: string | null;
  signal: string | null;
  code: string | null;
  status: ExitStatus;
  crashes: number;
};

export type TimelineStore = {
  timeline(app: string, range: TimeRange, bucketMs: number, signature?: string): Promise<Timeline>;
  causes(app: string, range: TimeRange, limit: number): Promise<CauseCount[]>;
};
