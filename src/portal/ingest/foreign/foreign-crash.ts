import { createHash } from 'node:crypto';
import { badField, type ReceivedLog, type ReceivedValue } from '../../../formats/otlp/received-log.ts';
import { LANGUAGES, type Language } from '../../../formats/printed-stack/line-parsers.ts';
import { parseStack } from '../../../formats/printed-stack/parse-stack.ts';
import type { PrintedException } from '../../../formats/printed-stack/printed-call.ts';
import type { CrashReport, ExceptionDetail } from '../../../model/crash-report.ts';
import type { CrashKind, ExitStatus } from '../../../model/exit.ts';
import { problem } from '../../../model/problem.ts';
import type { Runtime } from '../../../model/runtime.ts';
import type { CaptureRecord, CrashRecord, TelemetrySource } from '../../../model/telemetry.ts';
import { redact } from '../../../privacy/redact.ts';
import { signatureOf } from '../../../signature/signature.ts';
import { cutMessage } from './cut-message.ts';
import { spelledType, toFrame } from './to-frame.ts';

/** `Severity` of OpenTelemetry's log data model: FATAL and above. */
const FATAL = 21;
const UID = /^[\w.:-]{8,64}$/;
const UID_BYTES = 16;
const DAY_MS = 86_400_000;
/** The rest of a longer stack is ignored. */
const MAX_TEXT = 256 * 1024;

/**
 * Is it a crash from a sender other than crashmon: OpenTelemetry's event `app.crash`, or an exception of severity FATAL?
 * Other exceptions were handled.
 */
export function isForeignCrash({ eventName, attributes }: ReceivedLog, severityNumber: unknown): boolean {
  if (eventName === 'app.crash') return true;
  const isFatal = Number(severityNumber) >= FATAL || severityNumber === 'SEVERITY_NUMBER_FATAL';
  return isFatal && (attributes.has('exception.type') || attributes.has('exception.stacktrace'));
}

/**
 * The crash and its report: type and calls, never a message. The same record gets the same uid, so that it counts once
 * however often it is sent.
 *
 * @param body the record's body if it is text; it often contains the message
 * @throws CrashmonError BAD_REQUEST
 */
export function foreignCrash(
  log: ReceivedLog,
  body: string | null,
  source: TelemetrySource,
  resource: ReadonlyMap<string, ReceivedValue>,
): [CrashRecord, CaptureRecord] {
  const { attributes, atMs } = log;
  if (atMs === null) throw badField('timeUnixNano', 'is missing');
  const hint = languageHint(resource);
  const messages = [textOf(attributes, 'exception.message'), body ?? ''];
  const text = textOf(attributes, 'exception.stacktrace').slice(0, MAX_TEXT);
  const stack = parseStack(messages.reduce(cutMessage, text), hint);
  const known = stack.language ?? hint;
  const language = known ?? 'nodejs';
  const type = textOf(attributes, 'exception.type') || stack.exception.type;
  const exception = type === null ? null : exceptionOf({ ...stack.exception, type }, language);
  const frames = stack.exception.calls.map((call) => toFrame(call, language));
  const status = statusOf(attributes);
  const kind = kindOf(type, frames.length > 0);
  const given = uidOf(attributes);
  const report = (id: string): CrashReport => ({
    id,
    ...{ app: source.app, instance: source.instance, diedAtMs: atMs, kind, signal: null, exception },
    causes: stack.causes.map((cause) => exceptionOf(cause, language)),
    frames,
    ...{ heap: null, native: null, holdMs: 0, appRoot: '', workspaceRoot: null },
    problems: frames.length > 0 ? [] : [problem('no-frames')],
    runtime: known === null ? null : { name: RUNTIME_OF[known], version: versionOf(resource) },
    source: 'sender',
  });
  const anonymous = redact(report(''));
  const uid = given ?? digestOf(log, source, anonymous);
  const crashId = digest([uid]).slice(0, 12);
  const redacted = redact(report(crashId));
  const { values, title } = signatureOf({ ...redacted, status });
  const group = { signatures: values, title };
  const crash: CrashRecord = {
    ...{ type: 'crash', uid, atMs, crashId, kind, suspected: false, status, reason: { code: 'foreign' } },
    ...{ armed: false, captured: true, uptimeMs: 0, crashesInWindow: 0, backAfterMs: null },
    settings: { armAfter: 0, windowMs: DAY_MS, cooldownMs: 0 },
    // Not monitored by crashmon.
    state: 'disabled',
    ...group,
  };
  return [crash, { type: 'capture', uid: `${uid}-c`, atMs, crashUid: uid, report: redacted, ...group }];
}

function exceptionOf({ type, calls }: PrintedException, language: Language): ExceptionDetail {
  return {
    type: spelledType(type ?? ''),
    ...{ code: null, message: '', messageLength: 0, members: [], membersTotal: 0 },
    frames: calls.map((call) => toFrame(call, language)),
  };
}

/** For records without a uid: equal records are the same record. */
function digestOf({ atMs, eventName }: ReceivedLog, source: TelemetrySource, report: object): string {
  return digest([
    source.app,
    source.instance,
    source.version ?? '',
    `${atMs}`,
    eventName,
    JSON.stringify(report),
  ]);
}

function digest(parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify(parts))
    .digest('hex')
    .slice(0, 2 * UID_BYTES);
}

function uidOf(attributes: ReceivedLog['attributes']): string | null {
  const uids = [attributes.get('log.record.uid'), attributes.get('app.crash.id')];
  return uids.find((uid) => typeof uid === 'string' && UID.test(uid))?.toString() ?? null;
}

const RUNTIME_OF: Readonly<Record<Language, Runtime>> = {
  ...{ nodejs: 'node', python: 'python', java: 'java', go: 'go', dotnet: 'dotnet', ruby: 'ruby', php: 'php' },
};

const OVERFLOWS = /(?:^|\.)(?:StackOverflow(?:Error|Exception)|RecursionError|SystemStackError)$/;
const NO_MEMORY = /(?:^|\.)(?:OutOfMemory(?:Error|Exception)|MemoryError|NoMemoryError)$/;

function kindOf(type: string | null, hasFrames: boolean): CrashKind {
  if (type === null) return hasFrames ? 'exception' : 'exit';
  const name = spelledType(type);
  if (OVERFLOWS.test(name)) return 'stack-overflow';
  return NO_MEMORY.test(name) ? 'out-of-memory' : 'exception';
}

function statusOf(attributes: ReceivedLog['attributes']): ExitStatus {
  const code = attributes.get('process.exit.code');
  const isCode = typeof code === 'number' && Number.isInteger(code) && code >= 0 && code <= 255;
  return isCode ? { type: 'code', code } : { type: 'unknown' };
}

function languageHint(resource: ReadonlyMap<string, ReceivedValue>): Language | null {
  const name = resource.get('telemetry.sdk.language') ?? resource.get('process.runtime.name');
  return LANGUAGES.find((language) => language === name) ?? null;
}

function versionOf(resource: ReadonlyMap<string, ReceivedValue>): string | null {
  const version = resource.get('process.runtime.version');
  return typeof version === 'string' ? version : null;
}

function textOf(attributes: ReceivedLog['attributes'], key: string): string {
  const value = attributes.get(key);
  return typeof value === 'string' ? value : '';
}
