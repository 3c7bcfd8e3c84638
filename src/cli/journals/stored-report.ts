import { CrashmonError } from '../../model/crashmon-error.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { parseRedactedReport } from '../../privacy/parse-redacted-report.ts';
import type { StoredCrash } from './stored-crash.ts';

/**
 * The report of an exit, null if it has none.
 * @throws CrashmonError BAD_RECORD if it cannot be read
 */
export function storedReport(crash: StoredCrash): RedactedReport | null {
  const json = crash.journal.reader.report(crash.id);
  if (json === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new CrashmonError('BAD_RECORD', 'The stored crash report is damaged.', { cause: error });
  }
  return parseRedactedReport(value);
}
