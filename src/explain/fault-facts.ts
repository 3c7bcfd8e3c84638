import { signalCode } from '../formats/signals/signal-code.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import { addressWords } from './fault-words.ts';

/** Signal and signal code; null if the report has no fault. */
export function signalText({ signal, fault }: RedactedReport): string | null {
  if (fault === null) return null;
  if (fault.siCode === null) return signal;
  const code = signalCode(signal, fault.siCode);
  const codeText = code === null ? `code ${fault.siCode}` : `${code.name} (${fault.siCode}): ${code.meaning}`;
  return signal === null ? codeText : `${signal}, ${codeText}`;
}

export function addressText({ fault }: RedactedReport): string | null {
  return fault === null || fault.addressClass === null ? null : addressWords(fault.addressClass);
}
