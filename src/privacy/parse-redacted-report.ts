import type { Addon } from '../model/addon.ts';
import type { ThreadStack } from '../model/crash-report.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import { CRASH_KINDS } from '../model/exit.ts';
import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES, type PublicFault } from '../model/fault.ts';
import {
  FRAME_TRUSTS,
  type Frame,
  type NativePlace,
  NO_LINE_REASONS,
  type WasmPlace,
} from '../model/frame.ts';
import { withRuntime } from '../model/history/runtime-of-report.ts';
import { PROOFS } from '../model/last-words.ts';
import { readProblem } from '../model/read-problem.ts';
import {
  REPORT_SCHEMA_VERSION,
  type RedactedException,
  type RedactedReport,
} from '../model/redacted-report.ts';
import { REPORT_SOURCES } from '../model/report-source.ts';
import { RUNTIMES, type RuntimeVersion } from '../model/runtime.ts';
import { branded } from './brand.ts';
import {
  MAX_CAUSES,
  MAX_DEPTH,
  MAX_FRAMES,
  MAX_MEMBERS,
  MAX_PROBLEMS,
  MAX_TEXT,
  MAX_THREAD_FRAMES,
  MAX_THREAD_GROUPS,
  MAX_THREADS,
  SIGNAL_CODES,
  SYSTEM_CALLS,
} from './limits.ts';
import { publicMemory } from './public-memory.ts';

/**
 * Reads a redacted report of this or an earlier schema from JSON. Unknown fields are dropped.
 *
 * @throws CrashmonError BAD_RECORD if a field is missing, of the wrong type or larger than redaction makes it, or for
 * another schema.
 */
export function parseRedactedReport(json: unknown): RedactedReport {
  const { schemaVersion, ...report } = withRuntime(object(json));
  if (![1, 2, REPORT_SCHEMA_VERSION].some((known) => known === schemaVersion)) throw bad('schemaVersion');
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
    frames: frames(report.frames, MAX_FRAMES),
    ...(report.emitter === undefined ? {} : { emitter: nullable(report.emitter, text) }),
    ...(report.addon === undefined ? {} : { addon: addon(report.addon) }),
    ...(report.handlerFailure === undefined ? {} : { handlerFailure: exception(report.handlerFailure, 0) }),
    causes: list(report.causes, MAX_CAUSES).map((cause) => exception(cause, 0)),
    members: list(report.members, MAX_MEMBERS).map((member) => exception(member, 1)),
    heap:
      heap === null
        ? null
        : {
            usedBytes: nullable(heap.usedBytes, number),
            committedBytes: nullable(heap.committedBytes, number),
            limitBytes: nullable(heap.limitBytes, number),
          },
    ...publicMemory(report.memory),
    fault: nullable(report.fault, fault),
    otherThreads: list(report.otherThreads, MAX_THREAD_GROUPS).map(threadStack),
    runtime: nullable(report.runtime, runtime),
    source: oneOf(report.source, REPORT_SOURCES),
    ...(report.proof === undefined ? {} : { proof: oneOf(report.proof, PROOFS) }),
    // Sentences in schema 1.
    problems: list(report.problems, MAX_PROBLEMS).map(readProblem),
    hold: { ms: number(object(report.hold).ms) },
  });
}

function runtime(json: unknown): RuntimeVersion {
  const { name, version } = object(json);
  return { name: oneOf(name, RUNTIMES), version: nullable(version, text) };
}

function addon(json: unknown): Addon {
  const { name, version, forOtherNode } = object(json);
  return { name: text(name), version: nullable(version, text), forOtherNode: forOtherNode === true };
}

function fault(json: unknown): PublicFault {
  const fields = object(json);
  return {
    summary: oneOf(fields.summary, FAULT_SUMMARIES),
    siCode: nullable(fields.siCode, (code) => integer(code, SIGNAL_CODES)),
    addressClass: nullable(fields.addressClass, (name) => oneOf(name, ADDRESS_CLASSES)),
    systemCall: nullable(fields.systemCall, (call) => integer(call, SYSTEM_CALLS)),
    abortKind: nullable(fields.abortKind, (kind) => oneOf(kind, ABORT_KINDS)),
  };
}

function threadStack(json: unknown): ThreadStack {
  const fields = object(json);
  return {
    count: integer(fields.count, { from: 1, to: MAX_THREADS }),
    frames: frames(fields.frames, MAX_THREAD_FRAMES),
  };
}

function exception(json: unknown, depth: number): RedactedException {
  if (depth > MAX_DEPTH) throw bad('members');
  const fields = object(json);
  return {
    exceptionType: nullable(fields.exceptionType, text),
    code: nullable(fields.code, text),
    frames: frames(fields.frames, MAX_FRAMES),
    members: list(fields.members, MAX_MEMBERS).map((member) => exception(member, depth + 1)),
  };
}

function frames(json: unknown, limit: number): Frame[] {
  return list(json, limit).map(frame);
}

function frame(json: unknown): Frame {
  const fields = object(json);
  if (typeof fields.inApp !== 'boolean') throw bad('inApp');
  // HISTORY: how `report-of-schema-1.ts` sends it.
  const trust = fields.printed === true ? 'printed' : oneOf(fields.trust, FRAME_TRUSTS);
  if (trust === 'printed' && (fields.line !== null || fields.column !== null)) throw bad('line');
  return {
    function: nullable(fields.function, text),
    file: nullable(fields.file, text),
    line: nullable(fields.line, number),
    column: nullable(fields.column, number),
    module: nullable(fields.module, text),
    inApp: fields.inApp,
    repeat: number(fields.repeat),
    trust,
    ...(fields.native === undefined ? {} : { native: nativePlace(fields.native) }),
    ...(fields.wasm === undefined ? {} : { wasm: wasmPlace(fields.wasm) }),
    ...whyNoLine(fields.noLine),
  };
}

/** A newer sender may know more reasons. */
function whyNoLine(json: unknown): Pick<Frame, 'noLine'> {
  const known = NO_LINE_REASONS.find((reason) => reason === json);
  return known === undefined ? {} : { noLine: known };
}

function wasmPlace(json: unknown): WasmPlace {
  const fields = object(json);
  return { functionIndex: number(fields.functionIndex), byteOffset: number(fields.byteOffset) };
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

function list(json: unknown, limit: number): unknown[] {
  if (!Array.isArray(json) || json.length > limit) throw bad('a list');
  return json;
}

function text(json: unknown): string {
  if (typeof json !== 'string' || json.length > MAX_TEXT) throw bad('a text');
  return json;
}

function number(json: unknown): number {
  return integer(json, { from: 0, to: Number.MAX_SAFE_INTEGER });
}

function integer(json: unknown, { from, to }: { from: number; to: number }): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < from || json > to) throw bad('a number');
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
