import type { CrashKind, ExitVerdict } from '../model/exit.ts';
import type { ExitReason, ReasonCode } from '../model/exit-reason.ts';

/** The parameters of a reason. */
export type ReasonSignals = Omit<ExitReason, 'code'>;

/** An exit that proves to be a crash. */
export function counted(kind: CrashKind, code: ReasonCode, signals: ReasonSignals = {}): ExitVerdict {
  return { counted: true, suspected: false, kind, reason: { code, ...signals } };
}

/** An exit that was not requested, without proof of a crash: it counts. */
export function suspected(kind: CrashKind, code: ReasonCode, signals: ReasonSignals = {}): ExitVerdict {
  return { counted: true, suspected: true, kind, reason: { code, ...signals } };
}

export function notCounted(code: ReasonCode, signals: ReasonSignals = {}): ExitVerdict {
  return { counted: false, suspected: false, kind: null, reason: { code, ...signals } };
}

/** A crash that the app itself turned into a normal exit. */
export function masked(kind: CrashKind, code: ReasonCode): ExitVerdict {
  return { counted: false, suspected: false, kind, reason: { code } };
}
