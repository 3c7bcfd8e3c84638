import { createHash } from 'node:crypto';
import { badField, type ReceivedLog, type ReceivedValue } from '../../../formats/otlp/received-log.ts';
import { LANGUAGES, type Language } from '../../../formats/printed-stack/line-parsers.ts';
import { type PrintedStack, parseStack } from '../../../formats/printed-stack/parse-stack.ts';
import type { PrintedCall, PrintedException } from '../../../formats/printed-stack/printed-call.ts';
import type { CrashReport, ExceptionDetail } from '../../../model/crash-report.ts';
import type { CrashKind, ExitStatus } from '../../../model/exit.ts';
import type { Frame } from '../../../model/frame.ts';
import { problem } from '../../../model/problem.ts';
import type { Runtime } from '../../../model/runtime.ts';
import type { CaptureRecord, CrashRecord, TelemetrySource } from '../../../model/telemetry.ts';
import { redact } from '../../../privacy/redact.ts';
import { dottedType } from '../../../signature/dotted-names.ts';
import { signatureOf } from '../../../signature/signature.ts';
import { cutMessage } from './cut-message.ts';
import { previousFrame } from './previous-frame.ts';
import { toFrame } from './to-frame.ts';

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
  const runtime = known === null ? null : RUNTIME_OF[known];
  const type = textOf(attributes, 'exception.type') || stack.exception.type;
  const printed = { ...stack, exception: { ...stack.exception, type } };
  const status = statusOf(attributes);
  const kind = kindOf(type, stack.exception.calls.length > 0);
  const frames = (call: PrintedCall) => toFrame(call, runtime ?? 'node');
  const found = findings(printed, frames, runtime === null ? dottedType : withoutRoot);
  const base = {
    ...{ app: source.app, instance: source.instance, diedAtMs: atMs, kind, signal: null },
    ...{ heap: null, native: null, holdMs: 0, appRoot: '', workspaceRoot: null },
  };
  const report = (id: string): CrashReport => ({
    ...{ ...base, ...found, id, source: 'sender' },
    problems: found.frames.length > 0 ? [] : [problem('no-frames')],
    runtime: runtime === null ? null : { name: runtime, version: versionOf(resource) },
  });
  const anonymous = redact(report(''));
  const uid = uidOf(attributes) ?? digestOf(log, source, anonymous);
  const crashId = digest([uid]).slice(0, 12);
  const redacted = redact(report(crashId));
  const { values, title } = signatureOf({ ...redacted, status });
  // Groups that began with version 0.1 go on.
  const previous = findings(printed, (call) => previousFrame(call, known ?? 'nodejs'), dottedType);
  const before = signatureOf({ ...redact({ ...report(''), ...previous, runtime: null }), status });
  const signatures = [...new Set([...values, ...before.values])];
  const group = { signatures, title };
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

function findings(
  { exception, causes }: Pick<PrintedStack, 'exception' | 'causes'>,
  frameOf: (call: PrintedCall) => Frame,
  typeOf: (type: string) => string,
): Pick<CrashReport, 'exception' | 'causes' | 'frames'> {
  const detail = ({ type, calls }: PrintedException): ExceptionDetail => ({
    type: typeOf(type ?? ''),
    ...{ code: null, message: '', messageLength: 0, members: [], membersTotal: 0 },
    frames: calls.map(frameOf),
  });
  const thrown = detail(exception);
  const isThrown = exception.type !== null;
  return { exception: isThrown ? thrown : null, causes: causes.map(detail), frames: thrown.frames };
}

/** PHP's names may begin at the root of all names. */
function withoutRoot(type: string): string {
  return type.replace(/^\\+/, '');
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
  const name = dottedType(type);
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
