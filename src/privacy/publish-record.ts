import { CrashmonError } from '../model/crashmon-error.ts';
import { type EndedChild, parseProcessToken, processToken } from '../model/ended-process.ts';
import { CRASH_KINDS, type ExitStatus } from '../model/exit.ts';
import { type ExitReason, isReasonCode } from '../model/exit-reason.ts';
import { type Impact, impactToken, parseImpactToken } from '../model/impact.ts';
import { type NoCapture, noCaptureToken, parseNoCaptureToken } from '../model/no-capture.ts';
import { MONITOR_STATES, type PolicySettings } from '../model/policy.ts';
import type { PublicRecord } from '../model/public-record.ts';
import { readReason } from '../model/read-reason.ts';
import type { RevisedVerdict, TelemetryRecord } from '../model/telemetry.ts';
import { parseRedactedReport } from './parse-redacted-report.ts';
import { publicSessions } from './public-sessions.ts';

type Stated = Pick<
  Extract<TelemetryRecord, { type: 'heartbeat' }>,
  'state' | 'stopped' | 'noCapture' | 'cooldownUntilMs' | 'settings'
>;

const MAX_SIGNATURES = 8;
const MAX_LINE = 500;

/**
 * The one place where a PublicRecord is made: from an allow-list of fields, each checked. Also for records that are read
 * back from the outbox.
 * @throws CrashmonError BAD_RECORD for anything else
 */
export function publishRecord(record: TelemetryRecord): PublicRecord {
  return allowed(record) as PublicRecord;
}

/** @throws CrashmonError BAD_RECORD */
export function parsePublicRecord(json: string): PublicRecord {
  let value: TelemetryRecord;
  try {
    value = JSON.parse(json);
  } catch {
    throw bad('JSON');
  }
  if (typeof value !== 'object' || value === null) throw bad('an object');
  return publishRecord(value);
}

function allowed(record: TelemetryRecord): TelemetryRecord {
  const base = { uid: matching(record.uid, UID), atMs: whole(record.atMs) };
  switch (record.type) {
    case 'crash':
      return {
        type: 'crash',
        ...base,
        crashId: matching(record.crashId, RUN_ID),
        ...publicProcess(record.process),
        ...publicImpact(record.impact),
        kind: oneOf(record.kind, CRASH_KINDS),
        suspected: record.suspected === true,
        status: exitStatus(record.status),
        reason: publicReason(record.reason),
        armed: record.armed === true,
        captured: record.captured === true,
        uptimeMs: whole(record.uptimeMs),
        crashesInWindow: whole(record.crashesInWindow),
        settings: policySettings(record.settings),
        state: oneOf(record.state, MONITOR_STATES),
        ...publicNoCapture(record.noCapture),
        backAfterMs: wholeOrNull(record.backAfterMs),
        ...group(record),
      };
    case 'capture': {
      const report = parseRedactedReport(record.report);
      return {
        type: 'capture',
        ...base,
        crashUid: matching(record.crashUid, UID),
        report,
        ...revised(record.revised),
        ...group(record),
      };
    }
    case 'back':
      return {
        type: 'back',
        ...base,
        crashUid: matching(record.crashUid, UID),
        backAfterMs: whole(record.backAfterMs),
        ...publicImpact(record.impact),
      };
    case 'state':
      return { type: 'state', ...base, ...stated(record) };
    case 'heartbeat':
      return {
        type: 'heartbeat',
        ...base,
        ...stated(record),
        crashesInWindow: whole(record.crashesInWindow),
        restarts: whole(record.restarts),
        workerStartedAtMs: wholeOrNull(record.workerStartedAtMs),
        crashmonVersion: matching(record.crashmonVersion, VERSION),
        everyMs: whole(record.everyMs),
        ...publicSessions(record),
      };
    case 'loss':
      return { type: 'loss', ...base, count: whole(record.count) };
    default:
      throw bad('a known type');
  }
}

const UID = /^[0-9a-f]{24}(?:-[a-z])?$/;
const RUN_ID = /^[0-9a-f]{12}$/;
const VERSION = /^[\w.+-]{1,64}$/;

function stated({ state, stopped, noCapture, cooldownUntilMs, settings }: Stated): Stated {
  return {
    state: oneOf(state, MONITOR_STATES),
    ...(stopped === true ? { stopped } : {}),
    ...publicNoCapture(noCapture),
    cooldownUntilMs: wholeOrNull(cooldownUntilMs),
    settings: policySettings(settings),
  };
}

/** Of this version only; an outbox of version 0.1 holds sentences. */
function publicReason(value: unknown): ExitReason {
  const reason = readReason(value);
  return isReasonCode(reason.code) ? reason : { code: 'withheld' };
}

function revised(verdict: RevisedVerdict | undefined): { revised?: RevisedVerdict } {
  if (verdict == null) return {};
  return {
    revised: {
      kind: oneOf(verdict.kind, CRASH_KINDS),
      suspected: verdict.suspected === true,
      reason: publicReason(verdict.reason),
    },
  };
}

/** A name of crashmon's own, or one that the operator gave; never a title or a command line. */
function publicProcess(process: EndedChild | undefined): { process?: EndedChild } {
  if (process == null) return {};
  const known = parseProcessToken(processToken(process) ?? '');
  return known === null ? {} : { process: known };
}

/** Numbers only. */
function publicImpact(impact: Impact | undefined): { impact?: Impact } {
  if (impact == null) return {};
  const known = parseImpactToken(impactToken(impact));
  return known === null ? {} : { impact: known };
}

/** A known reason and the name of a known runtime. */
function publicNoCapture(noCapture: NoCapture | undefined): { noCapture?: NoCapture } {
  if (noCapture == null) return {};
  const known = parseNoCaptureToken(noCaptureToken(noCapture));
  return known === null ? {} : { noCapture: known };
}

function policySettings({ armAfter, windowMs, cooldownMs }: PolicySettings): PolicySettings {
  return { armAfter: whole(armAfter), windowMs: whole(windowMs), cooldownMs: whole(cooldownMs) };
}

function exitStatus(status: ExitStatus): ExitStatus {
  if (status.type === 'code') return { type: 'code', code: Math.min(255, whole(status.code)) };
  if (status.type === 'signal')
    return { type: 'signal', signal: matching(status.signal, /^SIG[A-Z0-9+]{2,12}$/) };
  return { type: 'unknown' };
}

/** Made of a redacted report, or of how a process ended; one line each. */
function group({ signatures, title }: { signatures: readonly string[]; title: string }): {
  signatures: string[];
  title: string;
} {
  return { signatures: signatures.slice(0, MAX_SIGNATURES).map(oneLine), title: oneLine(title) };
}

function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, MAX_LINE)
    .toWellFormed();
}

function whole(value: number): number {
  const rounded = Math.round(value);
  if (!Number.isSafeInteger(rounded)) throw bad('a number');
  return Math.max(0, rounded);
}

function wholeOrNull(value: number | null): number | null {
  return value === null ? null : whole(value);
}

function matching(text: string, pattern: RegExp): string {
  if (typeof text !== 'string' || !pattern.test(text)) throw bad('a name');
  return text;
}

function oneOf<Word extends string>(word: Word, words: readonly Word[]): Word {
  const known = words.find((candidate) => candidate === word);
  if (known === undefined) throw bad('a known word');
  return known;
}

function bad(what: string): CrashmonError {
  return new CrashmonError(
    'BAD_RECORD',
    `A record for the uplink cannot be used: ${what} is missing or wrong.`,
  );
}
