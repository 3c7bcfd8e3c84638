import { codeToken } from '../../model/coded.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { ExitReason } from '../../model/exit-reason.ts';
import { sentenceOfReason } from '../../model/history/reason-sentences.ts';
import { reportOfSchema1 } from '../../model/history/report-of-schema-1.ts';
import { type NoCapture, noCaptureToken } from '../../model/no-capture.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { CaptureRecord, CrashRecord, HeartbeatRecord, TelemetryRecord } from '../../model/telemetry.ts';
import { EVENT_NAMES } from './event-names.ts';
import { type AttributeValue, type OtlpLogRecord, toAttributes } from './otlp-json.ts';
import { stackTrace } from './stack-lines.ts';

/** `explain/exit-reason-words.ts`, which no format may import. */
export type ReasonWords = (reason: ExitReason, status: ExitStatus) => string;

type Attributes = Record<string, AttributeValue | null>;

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
      return crashAttributes(record);
    case 'capture':
      return captureAttributes(record);
    case 'back':
      return { 'crashmon.crash.uid': record.crashUid, 'crashmon.back_after_ms': record.backAfterMs };
    case 'state':
      return stateAttributes(record);
    case 'heartbeat':
      return heartbeatAttributes(record);
    case 'loss':
      return { 'crashmon.lost_records': record.count };
  }
}

function crashAttributes(record: CrashRecord): Attributes {
  const { status } = record;
  return {
    'app.crash.id': record.uid,
    'crashmon.crash.id': record.crashId,
    'crashmon.kind': record.kind,
    'crashmon.suspected': record.suspected,
    'process.exit.code': status.type === 'code' ? status.code : null,
    'crashmon.exit.signal': status.type === 'signal' ? status.signal : null,
    'crashmon.reason_code': codeToken(record.reason),
    // Portals of version 0.1 require it, and show no sentence but their own.
    'crashmon.reason': sentenceOfReason(record.reason, status) ?? 'unknown',
    'crashmon.armed': record.armed,
    'crashmon.captured': record.captured,
    'crashmon.uptime_ms': record.uptimeMs,
    'crashmon.crashes_in_window': record.crashesInWindow,
    ...settingsAttributes(record.settings),
    'crashmon.state': record.state,
    'crashmon.no_capture': tokenOf(record.noCapture),
    'crashmon.back_after_ms': record.backAfterMs,
    'crashmon.signatures': record.signatures,
    'crashmon.title': record.title,
  };
}

function captureAttributes({ crashUid, report, signatures, title }: CaptureRecord): Attributes {
  return {
    'app.crash.id': crashUid,
    'crashmon.crash.uid': crashUid,
    'crashmon.kind': report.kind,
    'exception.type': report.exceptionType,
    'exception.stacktrace': stackTrace(report),
    'process.runtime.name': report.nodeVersion === null ? null : 'nodejs',
    'process.runtime.version': report.nodeVersion,
    'crashmon.problems': report.problems.map(codeToken),
    'crashmon.report': JSON.stringify(reportOfSchema1(report)),
    'crashmon.signatures': signatures,
    'crashmon.title': title,
  };
}

function heartbeatAttributes(record: HeartbeatRecord): Attributes {
  return {
    ...stateAttributes(record),
    'crashmon.crashes_in_window': record.crashesInWindow,
    'crashmon.restarts': record.restarts,
    'crashmon.worker.started_at_ms': record.workerStartedAtMs,
    'crashmon.version': record.crashmonVersion,
    'crashmon.heartbeat.every_ms': record.everyMs,
  };
}

function stateAttributes({
  state,
  stopped,
  noCapture,
  cooldownUntilMs,
  settings,
}: Pick<HeartbeatRecord, 'state' | 'stopped' | 'noCapture' | 'cooldownUntilMs' | 'settings'>): Attributes {
  return {
    'crashmon.state': state,
    'crashmon.stopped': stopped === true ? true : null,
    'crashmon.no_capture': tokenOf(noCapture),
    'crashmon.cooldown_until_ms': cooldownUntilMs,
    ...settingsAttributes(settings),
  };
}

function tokenOf(noCapture: NoCapture | undefined): string | null {
  return noCapture === undefined ? null : noCaptureToken(noCapture);
}

function settingsAttributes({ armAfter, windowMs, cooldownMs }: PolicySettings): Attributes {
  return {
    'crashmon.settings.arm_after': armAfter,
    'crashmon.settings.window_ms': windowMs,
    'crashmon.settings.cooldown_ms': cooldownMs,
  };
}
