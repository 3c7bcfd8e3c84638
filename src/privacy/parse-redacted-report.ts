import type { ThreadStack } from '../model/crash-report.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import { CRASH_KINDS } from '../model/exit.ts';
import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES, type PublicFault } from '../model/fault.ts';
import { FRAME_TRUSTS, type Frame, type NativePlace } from '../model/frame.ts';
import {
  REPORT_SCHEMA_VERSION,
  type RedactedException,
  type RedactedReport,
} from '../model/redacted-report.ts';
import { branded } from './brand.ts';

/**
 * Reads a redacted report back, as it was serialised to JSON. Unknown fields are left out, so that nothing which is no
 * part of the report comes back as one.
 *
 * @throws CrashmonError BAD_RECORD when a field is missing or of the wrong kind, or the version is another.
 */
export function parseRedactedReport(json: unknown): RedactedReport {
  const report = object(json);
  if (report.schemaVersion !== REPORT_SCHEMA_VERSION) throw bad('schemaVersion');
  const heap = report.heap === null ? null : object(report.heap);
  return branded({
    id: text(report.id),
    app: text(report.app),
    instance: text(report.instance),
    diedAt: text(report.diedAt),
    kind: oneOf(report.kind, CRASH_KINDS),
    exceptionType: nullable(report.exceptionType, text),
    code: nullable(report.code, text),
    signal: nullable(report.signal, text),
    frames: list(report.frames).map(frame),
    causes: list(report.causes).map((cause) => exception(cause, 0)),
    members: list(report.members).map((member) => exception(member, 0)),
    heap:
      heap === null
        ? null
        : {
            usedBytes: nullable(heap.usedBytes, number),
            committedBytes: nullable(heap.committedBytes, number),
            limitBytes: nullable(heap.limitBytes, number),
          },
    fault: nullable(report.fault, fault),
    otherThreads: list(report.otherThreads).map(threadStack),
    nodeVersion: nullable(report.nodeVersion, text),
    problems: list(report.problems).map(text),
    hold: { ms: number(object(report.hold).ms) },
  });
}

function fault(json: unknown): PublicFault {
  const fields = object(json);
  return {
    summary: oneOf(fields.summary, FAULT_SUMMARIES),
    siCode: nullable(fields.siCode, number),
    addressClass: nullable(fields.addressClass, (name) => oneOf(name, ADDRESS_CLASSES)),
    systemCall: nullable(fields.systemCall, number),
    abortKind: nullable(fields.abortKind, (kind) => oneOf(kind, ABORT_KINDS)),
  };
}

function threadStack(json: unknown): ThreadStack {
  const fields = object(json);
  return { count: number(fields.count), frames: list(fields.frames).map(frame) };
}

function exception(json: unknown, depth: number): RedactedException {
  if (depth > 10) throw bad('members');
  const fields = object(json);
  return {
    exceptionType: nullable(fields.exceptionType, text),
    code: nullable(fields.code, text),
    frames: list(fields.frames).map(frame),
    members: list(fields.members).map((member) => exception(member, depth + 1)),
  };
}

function frame(json: unknown): Frame {
  const fields = object(json);
  if (typeof fields.inApp !== 'boolean') throw bad('inApp');
  return {
    function: nullable(fields.function, text),
    file: nullable(fields.file, text),
    line: nullable(fields.line, number),
    column: nullable(fields.column, number),
    module: nullable(fields.module, text),
    inApp: fields.inApp,
    repeat: number(fields.repeat),
    trust: oneOf(fields.trust, FRAME_TRUSTS),
    ...(fields.native === undefined ? {} : { native: nativePlace(fields.native) }),
  };
}

function nativePlace(json: unknown): NativePlace {
  const fields = object(json);
  if (typeof fields.inlined !== 'boolean') throw bad('inlined');
  return {
    image: nullable(fields.image, text),
    offset: nullable(fields.offset, text),
    buildId: nullable(fields.buildId, text),
    inlined: fields.inlined,
  };
}

function object(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('an object');
  return json as Record<string, unknown>;
}

function list(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw bad('a list');
  return json;
}

function text(json: unknown): string {
  if (typeof json !== 'string') throw bad('a text');
  return json;
}

function number(json: unknown): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw bad('a number');
  return json;
}

function nullable<T>(json: unknown, read: (json: unknown) => T): T | null {
  return json === null ? null : read(json);
}

function oneOf<T extends string>(json: unknown, values: readonly T[]): T {
  const value = values.find((candidate) => candidate === json);
  if (value === undefined) throw bad('a known word');
  return value;
}

function bad(what: string): CrashmonError {
  return new CrashmonError(
    'BAD_RECORD',
    `The stored crash report cannot be read: ${what} is missing or wrong.`,
  );
}
