import { CRASH_KINDS, type ExitStatus } from '../../model/exit.ts';
import { type NoCapture, parseNoCaptureToken } from '../../model/no-capture.ts';
import { MONITOR_STATES, type PolicySettings } from '../../model/policy.ts';
import { readProblem } from '../../model/read-problem.ts';
import { readReason } from '../../model/read-reason.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CaptureRecord, CrashRecord, HeartbeatRecord, TelemetryRecord } from '../../model/telemetry.ts';
import { AttributeReader, isPlainLine } from './attribute-reader.ts';
import { EVENT_NAMES } from './event-names.ts';
import { badField, MAX_TIME_MS, type ReceivedLog } from './received-log.ts';

/** Turns JSON into a redacted report, or throws; `privacy/parse-redacted-report.ts`, which no format may import. */
export type ParseReport = (json: unknown) => RedactedReport;

const UID = /^[\w.:-]{8,64}$/;
const CRASH_ID = /^[0-9a-f]{1,32}$/;
const SIGNAL = /^SIG[A-Z0-9+]{2,12}$/;
const VERSION = /^[\w.+-]{1,64}$/;
const MAX_LINE = 500;
const MAX_SIGNATURES = 8;
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
  const base = { uid: read.matching('log.record.uid', UID), atMs: log.atMs };
  switch (log.eventName) {
    case EVENT_NAMES.crash:
      return { ...base, ...readCrash(read) };
    case EVENT_NAMES.capture:
      return { ...base, ...readCapture(read, parseReport) };
    case EVENT_NAMES.back: {
      const crashUid = read.matching('crashmon.crash.uid', UID);
      return { ...base, type: 'back', crashUid, backAfterMs: read.count('crashmon.back_after_ms') };
    }
    case EVENT_NAMES.state:
      return { ...base, type: 'state', ...readState(read) };
    case EVENT_NAMES.heartbeat:
      return { ...base, ...readHeartbeat(read) };
    case EVENT_NAMES.loss:
      return { ...base, type: 'loss', count: read.count('crashmon.lost_records') };
    default:
      throw badField('eventName', 'is none that crashmon knows');
  }
}

function readCrash(read: AttributeReader): Omit<CrashRecord, 'uid' | 'atMs'> {
  return {
    type: 'crash',
    crashId: read.matching('crashmon.crash.id', CRASH_ID),
    kind: read.oneOf('crashmon.kind', CRASH_KINDS),
    suspected: read.boolean('crashmon.suspected'),
    status: readStatus(read),
    // Agents of version 0.1 send only a sentence.
    reason: readReason(
      read.text(read.has('crashmon.reason_code') ? 'crashmon.reason_code' : 'crashmon.reason', MAX_LINE),
    ),
    armed: read.boolean('crashmon.armed'),
    captured: read.boolean('crashmon.captured'),
    uptimeMs: read.count('crashmon.uptime_ms'),
    crashesInWindow: read.count('crashmon.crashes_in_window'),
    settings: readSettings(read),
    state: read.oneOf('crashmon.state', MONITOR_STATES),
    ...readNoCapture(read),
    backAfterMs: read.countOrNull('crashmon.back_after_ms'),
    ...readGroup(read),
  };
}

function readCapture(read: AttributeReader, parseReport: ParseReport): Omit<CaptureRecord, 'uid' | 'atMs'> {
  return {
    type: 'capture',
    crashUid: read.matching('crashmon.crash.uid', UID),
    report: readReport(read, parseReport),
    ...readGroup(read),
  };
}

function readHeartbeat(read: AttributeReader): Omit<HeartbeatRecord, 'uid' | 'atMs'> {
  return {
    type: 'heartbeat',
    ...readState(read),
    crashesInWindow: read.count('crashmon.crashes_in_window'),
    restarts: read.count('crashmon.restarts'),
    workerStartedAtMs: read.countOrNull('crashmon.worker.started_at_ms', MAX_TIME_MS),
    crashmonVersion: read.matching('crashmon.version', VERSION),
    everyMs: read.count('crashmon.heartbeat.every_ms'),
  };
}

function readState(
  read: AttributeReader,
): Pick<HeartbeatRecord, 'state' | 'stopped' | 'noCapture' | 'cooldownUntilMs' | 'settings'> {
  const isStopped = read.has('crashmon.stopped') && read.boolean('crashmon.stopped');
  return {
    state: read.oneOf('crashmon.state', MONITOR_STATES),
    // Older agents never say it.
    ...(isStopped ? { stopped: true } : {}),
    ...readNoCapture(read),
    cooldownUntilMs: read.countOrNull('crashmon.cooldown_until_ms', MAX_TIME_MS),
    settings: readSettings(read),
  };
}

/** Unknown values are left out. */
function readNoCapture(read: AttributeReader): { noCapture?: NoCapture } {
  if (!read.has('crashmon.no_capture')) return {};
  const noCapture = parseNoCaptureToken(read.text('crashmon.no_capture', MAX_LINE));
  return noCapture === null ? {} : { noCapture };
}

function readSettings(read: AttributeReader): PolicySettings {
  return {
    armAfter: read.count('crashmon.settings.arm_after'),
    windowMs: read.count('crashmon.settings.window_ms'),
    cooldownMs: read.count('crashmon.settings.cooldown_ms'),
  };
}

function readStatus(read: AttributeReader): ExitStatus {
  const hasCode = read.has('process.exit.code');
  const hasSignal = read.has('crashmon.exit.signal');
  if (hasCode && hasSignal) throw badField('process.exit.code', 'contradicts crashmon.exit.signal');
  if (hasCode) return { type: 'code', code: read.count('process.exit.code', 255) };
  if (hasSignal) return { type: 'signal', signal: read.matching('crashmon.exit.signal', SIGNAL) };
  return { type: 'unknown' };
}

function readGroup(read: AttributeReader): { signatures: string[]; title: string } {
  return {
    signatures: read.texts('crashmon.signatures', MAX_SIGNATURES, MAX_LINE),
    title: read.text('crashmon.title', MAX_LINE),
  };
}

function readReport(read: AttributeReader, parseReport: ParseReport): RedactedReport {
  const field = 'crashmon.report';
  const text = read.document(field, MAX_REPORT);
  let report: RedactedReport;
  try {
    report = parseReport(JSON.parse(text));
  } catch {
    // Not the parser's error, which quotes what it read.
    throw badField(field, 'is no redacted report');
  }
  if (!hasPlainLines(report)) throw badField(field, 'holds control characters');
  if (Number.isNaN(Date.parse(report.diedAt))) throw badField(field, 'has no time of death');
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
