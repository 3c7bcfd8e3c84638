import { exitReasonWords } from '../../explain/exit-reason-words.ts';
import { shownReport } from '../../explain/shown-report.ts';
import type { CrashDetail } from '../store/read/crash-store.ts';
import type { SignatureDetail } from '../store/read/signature-store.ts';

/** A crash as the API answers it: codes, and their words. */
export function shownCrash(crash: CrashDetail) {
  const { reason, status, report } = crash;
  return {
    ...crash,
    ...{ reason: exitReasonWords(reason, status), reasonCode: reason.code },
    report: report === null ? null : shownReport(report),
  };
}

export function shownSignature(signature: SignatureDetail) {
  const { newestReport } = signature;
  return { ...signature, newestReport: newestReport === null ? null : shownCrash(newestReport) };
}
