import type { InstanceState } from './instance-store.ts';

export type AppSummary = {
  app: string;
  instances: Record<InstanceState, number>;
  crashesLastDay: number;
  crashesDayBefore: number;
  /** Of its first record; null if there is none. */
  firstSeenMs: number | null;
  /** Crashes a day, UTC, oldest first, today last; 15 of them. */
  days: number[];
  lastCrashAtMs: number | null;
  /** Signatures that are new or much more frequent in the last day than before, at most three. */
  worse: { signature: string; title: string; lastDay: number; dayBefore: number; isNew: boolean }[];
};

/** The apps that the caller is allowed to see. */
export type AppStore = {
  apps(allowed: readonly string[] | '*', nowMs: number): Promise<AppSummary[]>;
  /** Rises with every change of the app's data, whichever process wrote it. */
  changeCounters(apps: readonly string[] | '*'): Promise<Map<string, number>>;
};
