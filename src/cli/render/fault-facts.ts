import { addressWords } from '../../analysis/fault/fault-words.ts';
import { signalCode } from '../../formats/signals/signal-code.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { line } from './safe-text.ts';

/** Signal with its code, and what kind of address it was; null where the report knows of none. */
export function signalText({ signal, fault }: RedactedReport): string | null {
  if (fault === null) return null;
  const name = signal === null ? null : line(signal);
  if (fault.siCode === null) return name;
  const code = signalCode(signal, fault.siCode);
  const codeText = code === null ? `code ${fault.siCode}` : `${code.name} (${fault.siCode}): ${code.meaning}`;
  return name === null ? codeText : `${name}, ${codeText}`;
}

export function addressText({ fault }: RedactedReport): string | null {
  return fault === null || fault.addressClass === null ? null : addressWords(fault.addressClass);
}
