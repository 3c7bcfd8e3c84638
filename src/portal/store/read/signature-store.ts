import type { CrashKind } from '../../../model/exit.ts';
import type { CrashDetail, TimeRange } from './crash-store.ts';

export type SignatureStatus = 'open' | 'resolved' | 'returned';

export type SignatureSummary = {
  /** Short, stable id in URLs. */
  id: string;
  /** All values that agents computed for it (`v1:…`). */
  values: string[];
  title: string;
  kind: CrashKind;
  exceptionType: string | null;
  /** Does any of its crashes have a stack? */
  hasStack: boolean;
  firstSeenMs: number;
  lastSeenMs: number;
  crashesTotal: number;
  /** In the requested range. */
  crashes: number;
  instances: number;
  /** Crashes a day, UTC, oldest first, today last; 15 of them. */
  days: number[];
  status: SignatureStatus;
};

export type SignatureDetail = SignatureSummary & {
  note: string;
  resolvedAtMs: number | null;
  resolvedBy: string | null;
  versions: { version: string | null; crashes: number; firstSeenMs: number; lastSeenMs: number }[];
  topInstances: { instance: string; crashes: number; lastSeenMs: number }[];
  /** Its newest crash that has a report. */
  newestReport: CrashDetail | null;
};

export type SignatureStore = {
  signatures(app: string, range: TimeRange, limit: number, nowMs: number): Promise<SignatureSummary[]>;
  signature(app: string, id: string, nowMs: number): Promise<SignatureDetail | null>;
  /** @returns is there such a signature? */
  setNote(app: string, signature: string, note: string): Promise<boolean>;
  /** null reopens it. @returns is there such a signature? */
  setResolved(
    app: string,
    signature: string,
    resolved: { atMs: number; by: string } | null,
  ): Promise<boolean>;
};
