import { readProblem } from '../../model/read-problem.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { TelemetryRecord } from '../../model/telemetry.ts';
import { AttributeReader, isPlainLine, MAX_LINE } from './attribute-reader.ts';
import { EVENT_NAMES } from './event-names.ts';
import { badField, type ReceivedLog } from './received-log.ts';
import {
  BACK_FIELDS,
  CAPTURE_FIELDS,
  CRASH_FIELDS,
  HEARTBEAT_FIELDS,
  LOSS_FIELDS,
  readFields,
  STATE_FIELDS,
  uid,
} from './record-fields.ts';

/** Turns JSON into a redacted report, or throws; `privacy/parse-redacted-report.ts`, which no format may import. */
export type ParseReport = (json: unknown) => RedactedReport;

const MAX_PROBLEMS = 50;
/** A report at all its limits is longer; a real one has some ten thousand characters. */
const MAX_REPORT = 1024 * 1024;

/** Is the record one of crashmon's? Any other `app.crash` is a foreign sender's. */
export function isOwnRecord({ eventName, attributes }: ReceivedLog): boolean {
  if (eventName === EVENT_NAMES.crash) return attributes.has('crashmon.crash.id');
  return Object.values<string>(EVENT_NAMES).includes(eventName);
}

/**
 * The record that `encodeRecord` wrote, from untrusted input: only known fields, each checked.
 * @throws CrashmonError BAD_REQUEST naming the field, and never quoting it
 */
export function decodeRecord(log: ReceivedLog, parseReport: ParseReport): TelemetryRecord {
  const read = new AttributeReader(log);
  if (log.atMs === null) throw badField('timeUnixNano', 'is missing');
  const base = { uid: uid(read), atMs: log.atMs };
  switch (log.eventName) {
    case EVENT_NAMES.crash:
      return { type: 'crash', ...base, ...readFields(CRASH_FIELDS, read) };
    case EVENT_NAMES.capture: {
      const report = readReport(read, parseReport);
      return { type: 'capture', ...base, report, ...readFields(CAPTURE_FIELDS, read) };
    }
    case EVENT_NAMES.back:
      return { type: 'back', ...base, ...readFields(BACK_FIELDS, read) };
    case EVENT_NAMES.state:
      return { type: 'state', ...base, ...readFields(STATE_FIELDS, read) };
    case EVENT_NAMES.heartbeat:
      return { type: 'heartbeat', ...base, ...readFields(HEARTBEAT_FIELDS, read) };
    case EVENT_NAMES.loss:
      return { type: 'loss', ...base, ...readFields(LOSS_FIELDS, read) };
    default:
      throw badField('eventName', 'is unknown');
  }
}

function readReport(read: AttributeReader, parseReport: ParseReport): RedactedReport {
  const field = 'crashmon.report';
  const text = read.document(field, MAX_REPORT);
  let report: RedactedReport;
  try {
    report = parseReport(JSON.parse(text));
  } catch {
    // Not the parser's error, which quotes what it read.
    throw badField(field, 'is not a redacted report');
  }
  // Most reports need no check of each text: only an escape could be a control character.
  const isPlain = !text.includes('\\') && isPlainLine(text);
  if (!isPlain && !hasPlainLines(report)) throw badField(field, 'contains control characters');
  if (Number.isNaN(Date.parse(report.diedAt))) throw badField(field, 'has no time of the crash');
  // For portals of version 0.1 the report holds them as sentences.
  if (!read.has('crashmon.problems')) return report;
  const problems = read.texts('crashmon.problems', MAX_PROBLEMS, MAX_LINE).map(readProblem);
  return { ...report, problems };
}

/** A parsed report is as deep as its type, and no deeper. */
function hasPlainLines(value: unknown): boolean {
  if (typeof value === 'string') return isPlainLine(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(hasPlainLines);
}
