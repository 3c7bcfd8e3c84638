import { REPORT_SCHEMA_VERSION, type RedactedReport } from '../model/redacted-report.ts';

type Fields = Pick<RedactedReport, Exclude<PublicKey, 'schemaVersion'>>;
/** A redacted report's fields but for its version. The brand exists only as a type. */
export type RedactedFields = { -readonly [Key in keyof Fields]: Fields[Key] };
type PublicKey = Extract<keyof RedactedReport, string>;

/** The one cast that makes a RedactedReport; for `privacy/` alone. Fixes the order of fields, as JSON shows them. */
export function branded(fields: RedactedFields): RedactedReport {
  return { schemaVersion: REPORT_SCHEMA_VERSION, ...fields } as unknown as RedactedReport;
}
