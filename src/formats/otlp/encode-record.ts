import { codeToken } from '../../model/coded.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { ExitReason } from '../../model/exit-reason.ts';
import { reportOfSchema1 } from '../../model/history/report-of-schema-1.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { TelemetryRecord } from '../../model/telemetry.ts';
import { EVENT_NAMES } from './event-names.ts';
import { type OtlpLogRecord, toAttributes } from './otlp-json.ts';
import {
  type Attributes,
  BACK_FIELDS,
  CAPTURE_FIELDS,
  CRASH_FIELDS,
  HEARTBEAT_FIELDS,
  LOSS_FIELDS,
  STATE_FIELDS,
  writeFields,
} from './record-fields.ts';
import { stackTrace } from './stack-lines.ts';

/** `explain/exit-reason-words.ts`, which no format may import. */
export type ReasonWords = (reason: ExitReason, status: ExitStatus) => string;

/** Numbers and names of OpenTelemetry's log data model. */
const SEVERITIES: Record<TelemetryRecord['type'], readonly [number, string]> = {
  crash: [21, 'FATAL'],
  // Of the same crash: the number of FATAL records is the number of crashes.
  capture: [17, 'ERROR'],
  back: [9, 'INFO'],
  state: [9, 'INFO'],
  heartbeat: [5, 'DEBUG'],
  loss: [13, 'WARN'],
};

/** One record as an OTLP log record; equal records give equal text. docs/telemetry.md lists the attributes. */
export function encodeRecord(record: TelemetryRecord, reasonWords: ReasonWords): OtlpLogRecord {
  const [severityNumber, severityText] = SEVERITIES[record.type];
  const time = `${BigInt(record.atMs) * 1_000_000n}`;
  const eventName = EVENT_NAMES[record.type];
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    body: { stringValue: bodyOf(record, reasonWords) },
    eventName,
    attributes: toAttributes({
      'log.record.uid': record.uid,
      'event.name': eventName,
      ...attributesOf(record),
    }),
    droppedAttributesCount: 0,
  };
}

/** For users of a collector; the portal does not read it. */
function bodyOf(record: TelemetryRecord, reasonWords: ReasonWords): string {
  switch (record.type) {
    case 'crash':
      return reasonWords(record.reason, record.status);
    case 'capture':
      return record.title;
    case 'back':
      return `The worker was restarted after ${record.backAfterMs} ms.`;
    case 'state':
    case 'heartbeat':
      return record.stopped === true ? 'crashmon stopped.' : `crashmon is ${record.state}.`;
    case 'loss':
      return record.count === 1 ? '1 record was dropped.' : `${record.count} records were dropped.`;
  }
}

function attributesOf(record: TelemetryRecord): Attributes {
  switch (record.type) {
    case 'crash':
      return { 'app.crash.id': record.uid, ...writeFields(CRASH_FIELDS, record) };
    case 'capture':
      return {
        'app.crash.id': record.crashUid,
        ...reportAttributes(record.report),
        ...writeFields(CAPTURE_FIELDS, record),
      };
    case 'back':
      return writeFields(BACK_FIELDS, record);
    case 'state':
      return writeFields(STATE_FIELDS, record);
    case 'heartbeat':
      return writeFields(HEARTBEAT_FIELDS, record);
    case 'loss':
      return writeFields(LOSS_FIELDS, record);
  }
}

function reportAttributes(report: RedactedReport): Attributes {
  return {
    'crashmon.kind': report.kind,
    'exception.type': report.exceptionType,
    'exception.stacktrace': stackTrace(report),
    'process.runtime.name': report.runtime?.name === 'node' ? 'nodejs' : (report.runtime?.name ?? null),
    'process.runtime.version': report.runtime?.version ?? null,
    'crashmon.problems': report.problems.map(codeToken),
    'crashmon.report': JSON.stringify(reportOfSchema1(report)),
  };
}
