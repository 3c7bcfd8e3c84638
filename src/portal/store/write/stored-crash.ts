import { type CrashFacts, factsOfExit } from '../../../model/crash-facts.ts';
import type { CrashKind } from '../../../model/exit.ts';
import type { RedactedReport } from '../../../model/redacted-report.ts';
import type { BackRecord, CaptureRecord } from '../../../model/telemetry.ts';
import { decodeStatus, type SplitReport, splitReport } from '../encode.ts';
import type { Sent, SentCrash } from './batch.ts';

/** What is known of the cause, as the crash's row has it. */
export type Finding = {
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  report: SplitReport | null;
};

/** A crash that the batch stores or adds a capture to. */
export type StoredCrash = {
  appId: number;
  uid: string;
  atMs: number;
  instance: string;
  version: string | null;
  kind: CrashKind;
  /** Encoded. */
  status: string;
  finding: Finding;
  /** Of the capture, if there is one. */
  signatures: readonly string[];
  report: RedactedReport | null;
  group: string;
  /** Its group before the capture; null without a capture. */
  groupBefore: string | null;
  cause: string;
};

/** A crash of the batch, with the capture and the restart that arrived with it or waited for it. */
export type BatchCrash = {
  sent: SentCrash;
  capture: Sent<CaptureRecord> | null;
  back: Sent<BackRecord> | null;
};

/** A crash of the batch, ready to be inserted. */
export type NewCrash = StoredCrash & BatchCrash;

export function findingOf(capture: CaptureRecord | null, status: string): Finding {
  const signal = status.startsWith('signal:') ? status.slice(7) : null;
  if (capture === null) return { exceptionType: null, code: null, signal, report: null };
  const { report } = capture;
  return {
    exceptionType: report.exceptionType,
    code: report.code,
    signal: report.signal ?? signal,
    report: splitReport(report),
  };
}

export const hasStack = ({ report }: StoredCrash): boolean => report !== null && report.frames.length > 0;

export function factsOf({ kind, status, report }: StoredCrash): CrashFacts {
  const exit = decodeStatus(status);
  return report === null ? factsOfExit(kind, exit) : { ...report, status: exit };
}
