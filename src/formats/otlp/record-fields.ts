import { codeToken } from '../../model/coded.ts';
import { type EndedChild, parseProcessToken, processToken } from '../../model/ended-process.ts';
import { CRASH_KINDS, type ExitStatus } from '../../model/exit.ts';
import { sentenceOfReason } from '../../model/history/reason-sentences.ts';
import { type Impact, impactToken, parseImpactToken } from '../../model/impact.ts';
import { type NoCapture, noCaptureToken, parseNoCaptureToken } from '../../model/no-capture.ts';
import { MONITOR_STATES, type PolicySettings } from '../../model/policy.ts';
import {
  dumpToken,
  MOST_DUMPS,
  type PublicDump,
  type PublicSession,
  parseDumpToken,
  parseSessionToken,
  sessionToken,
} from '../../model/public-session.ts';
import { readReason } from '../../model/read-reason.ts';
import {
  answerToken,
  MOST_REQUESTS,
  parseAnswerToken,
  type RequestAnswer,
} from '../../model/remote-request.ts';
import type {
  BackRecord,
  CaptureRecord,
  CrashRecord,
  HeartbeatRecord,
  LossRecord,
  RevisedVerdict,
  StateRecord,
} from '../../model/telemetry.ts';
import { type AttributeReader, MAX_LINE } from './attribute-reader.ts';
import type { AttributeValue } from './otlp-json.ts';
import { badField, MAX_TIME_MS } from './received-log.ts';

export type Attributes = Record<string, AttributeValue | null>;

/** One field of a record as attributes, in both directions. */
type Field<Value, Of> = {
  write: (value: Value, record: Of) => Attributes;
  /** From untrusted input. undefined: the field is missing. @throws CrashmonError BAD_REQUEST */
  read: (read: AttributeReader) => Value | undefined;
};
type Fields<Of> = { readonly [Name in keyof Of]-?: Field<Exclude<Of[Name], undefined>, Of> };
type Own<Of> = Omit<Of, 'type' | 'uid' | 'atMs' | 'report'>;

const UID = /^[\w.:-]{8,64}$/;
const CRASH_ID = /^[0-9a-f]{1,32}$/;
const SIGNAL = /^SIG[A-Z0-9+]{2,12}$/;
const VERSION = /^[\w.+-]{1,64}$/;
const MAX_SIGNATURES = 8;

/** A field that is one attribute. */
const attribute = <Value extends AttributeValue | null>(
  key: string,
  read: (read: AttributeReader, key: string) => Value,
): Field<Value, unknown> => ({ write: (value) => ({ [key]: value }), read: (reader) => read(reader, key) });

const count = (read: AttributeReader, key: string) => read.count(key);
const countOrNull = (read: AttributeReader, key: string) => read.countOrNull(key);
const timeOrNull = (read: AttributeReader, key: string) => read.countOrNull(key, MAX_TIME_MS);
const flag = (read: AttributeReader, key: string) => read.boolean(key);
const line = (read: AttributeReader, key: string) => read.text(key, MAX_LINE);

const crashUid = attribute('crashmon.crash.uid', (read, key) => read.matching(key, UID));
const state = attribute('crashmon.state', (read, key) => read.oneOf(key, MONITOR_STATES));

const status: Field<ExitStatus, unknown> = {
  write: (value) => ({
    'process.exit.code': value.type === 'code' ? value.code : null,
    'crashmon.exit.signal': value.type === 'signal' ? value.signal : null,
  }),
  read(read) {
    const hasCode = read.has('process.exit.code');
    const hasSignal = read.has('crashmon.exit.signal');
    if (hasCode && hasSignal) throw badField('process.exit.code', 'contradicts crashmon.exit.signal');
    if (hasCode) return { type: 'code', code: read.count('process.exit.code', 255) };
    if (hasSignal) return { type: 'signal', signal: read.matching('crashmon.exit.signal', SIGNAL) };
    return { type: 'unknown' };
  },
};

const settings: Field<PolicySettings, unknown> = {
  write: ({ armAfter, windowMs, cooldownMs }) => ({
    'crashmon.settings.arm_after': armAfter,
    'crashmon.settings.window_ms': windowMs,
    'crashmon.settings.cooldown_ms': cooldownMs,
  }),
  read: (read) => ({
    armAfter: read.count('crashmon.settings.arm_after'),
    windowMs: read.count('crashmon.settings.window_ms'),
    cooldownMs: read.count('crashmon.settings.cooldown_ms'),
  }),
};

/** An unknown value is left out. */
const noCapture: Field<NoCapture, unknown> = {
  write: (value) => ({ 'crashmon.no_capture': noCaptureToken(value) }),
  read: (read) =>
    read.has('crashmon.no_capture')
      ? (parseNoCaptureToken(line(read, 'crashmon.no_capture')) ?? undefined)
      : undefined,
};

/** An unknown value is left out. */
const endedProcess: Field<EndedChild, unknown> = {
  write: (value) => ({ 'crashmon.process': processToken(value) }),
  read: (read) =>
    read.has('crashmon.process')
      ? (parseProcessToken(line(read, 'crashmon.process')) ?? undefined)
      : undefined,
};

/** An unknown value is left out. */
const impact: Field<Impact, unknown> = {
  write: (value) => ({ 'crashmon.impact': impactToken(value) }),
  read: (read) =>
    read.has('crashmon.impact') ? (parseImpactToken(line(read, 'crashmon.impact')) ?? undefined) : undefined,
};

const group: Fields<Pick<CrashRecord, 'signatures' | 'title'>> = {
  signatures: attribute('crashmon.signatures', (read, key) => read.texts(key, MAX_SIGNATURES, MAX_LINE)),
  title: attribute('crashmon.title', line),
};

export const CRASH_FIELDS: Fields<Own<CrashRecord>> = {
  crashId: attribute('crashmon.crash.id', (read, key) => read.matching(key, CRASH_ID)),
  process: endedProcess,
  impact,
  kind: attribute('crashmon.kind', (read, key) => read.oneOf(key, CRASH_KINDS)),
  suspected: attribute('crashmon.suspected', flag),
  status,
  reason: {
    write: (value, record) => ({
      'crashmon.reason_code': codeToken(value),
      // Portals of version 0.1 require it, and show no sentence but their own.
      'crashmon.reason': sentenceOfReason(value, record.status) ?? 'unknown',
    }),
    // Agents of version 0.1 send only a sentence.
    read: (read) =>
      readReason(line(read, read.has('crashmon.reason_code') ? 'crashmon.reason_code' : 'crashmon.reason')),
  },
  armed: attribute('crashmon.armed', flag),
  captured: attribute('crashmon.captured', flag),
  uptimeMs: attribute('crashmon.uptime_ms', count),
  crashesInWindow: attribute('crashmon.crashes_in_window', count),
  settings,
  state,
  noCapture,
  backAfterMs: attribute('crashmon.back_after_ms', countOrNull),
  ...group,
};

/** Portals of the previous version ignore it. */
const revised: Field<RevisedVerdict, unknown> = {
  write: ({ kind, suspected, reason }) => ({
    'crashmon.kind': kind,
    'crashmon.suspected': suspected,
    'crashmon.reason_code': codeToken(reason),
  }),
  // Every capture has the kind of its report.
  read: (read) =>
    read.has('crashmon.reason_code')
      ? {
          kind: read.oneOf('crashmon.kind', CRASH_KINDS),
          suspected: read.boolean('crashmon.suspected'),
          reason: readReason(line(read, 'crashmon.reason_code')),
        }
      : undefined,
};

/** But for its report. */
export const CAPTURE_FIELDS: Fields<Own<CaptureRecord>> = {
  crashUid,
  revised,
  ...group,
};

export const BACK_FIELDS: Fields<Own<BackRecord>> = {
  crashUid,
  backAfterMs: attribute('crashmon.back_after_ms', count),
  impact,
};

export const STATE_FIELDS: Fields<Own<StateRecord>> = {
  state,
  stopped: {
    write: (value) => ({ 'crashmon.stopped': value ? true : null }),
    read: (read) => (read.has('crashmon.stopped') && read.boolean('crashmon.stopped') ? true : undefined),
  },
  noCapture,
  cooldownUntilMs: attribute('crashmon.cooldown_until_ms', timeOrNull),
  settings,
};

/** An unknown value is left out. */
const session: Field<PublicSession, unknown> = {
  write: (value) => ({ 'crashmon.session': sessionToken(value) }),
  read: (read) =>
    read.has('crashmon.session')
      ? (parseSessionToken(line(read, 'crashmon.session')) ?? undefined)
      : undefined,
};

/** A list of tokens; unknown ones are left out. */
const tokens = <Value>(
  key: string,
  most: number,
  write: (value: Value) => string,
  parse: (token: string) => Value | null,
): Field<Value[], unknown> => ({
  write: (values) => ({ [key]: values.map(write) }),
  read: (read) =>
    read.has(key) ? read.texts(key, most, MAX_LINE).flatMap((token) => parse(token) ?? []) : undefined,
});

export const HEARTBEAT_FIELDS: Fields<Own<HeartbeatRecord>> = {
  ...STATE_FIELDS,
  crashesInWindow: attribute('crashmon.crashes_in_window', count),
  restarts: attribute('crashmon.restarts', count),
  workerStartedAtMs: attribute('crashmon.worker.started_at_ms', timeOrNull),
  crashmonVersion: attribute('crashmon.version', (read, key) => read.matching(key, VERSION)),
  everyMs: attribute('crashmon.heartbeat.every_ms', count),
  session,
  dumps: tokens<PublicDump>('crashmon.dumps', MOST_DUMPS, dumpToken, parseDumpToken),
  answers: tokens<RequestAnswer>('crashmon.answers', MOST_REQUESTS, answerToken, parseAnswerToken),
};

export const LOSS_FIELDS: Fields<Own<LossRecord>> = { count: attribute('crashmon.lost_records', count) };

export const uid = (read: AttributeReader): string => read.matching('log.record.uid', UID);

export function writeFields<Of extends object>(fields: Fields<Of>, record: Of): Attributes {
  const attributes: Attributes = {};
  for (const name of Object.keys(fields) as (keyof Of)[]) {
    const value = record[name] as Exclude<Of[keyof Of], undefined> | undefined;
    if (value !== undefined) Object.assign(attributes, fields[name].write(value, record));
  }
  return attributes;
}

export function readFields<Of extends object>(fields: Fields<Of>, read: AttributeReader): Of {
  const record: Partial<Of> = {};
  for (const name of Object.keys(fields) as (keyof Of)[]) {
    const value = fields[name].read(read);
    if (value !== undefined) record[name] = value;
  }
  return record as Of;
}
