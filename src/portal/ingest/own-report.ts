import type { ThreadStack } from '../../model/crash-report.ts';
import type { Frame } from '../../model/frame.ts';
import type { RedactedException, RedactedReport } from '../../model/redacted-report.ts';
import type { TelemetrySource } from '../../model/telemetry.ts';
import { parseRedactedReport } from '../../privacy/parse-redacted-report.ts';
import { publicAddon } from '../../privacy/public-addon.ts';
import { publicCxxType } from '../../privacy/public-cxx-type.ts';
import { publicCode, publicFunction, publicType } from '../../privacy/public-names.ts';
import { publicNativeFunction } from '../../privacy/public-native.ts';
import { publicRuntime } from '../../privacy/public-runtime.ts';

/**
 * A report that an agent sent. The portal does not rely on its redaction: its names pass the rules of redaction again,
 * and its app and instance are those of the sender.
 *
 * @throws CrashmonError BAD_RECORD
 */
export function ownReport(json: unknown, { app, instance }: TelemetrySource): RedactedReport {
  const { addon, ...report } = parseRedactedReport(json);
  return {
    ...report,
    app,
    instance,
    exceptionType: passing(report.exceptionType, anyType),
    code: passing(report.code, (code) => publicCode(code, report.exceptionType)),
    signal: matching(report.signal, /^SIG[A-Z0-9+]{2,12}$/),
    frames: report.frames.map(frameOf),
    ...(report.emitter === undefined ? {} : { emitter: passing(report.emitter, publicType) }),
    ...publicAddon(addon),
    ...(report.handlerFailure === undefined ? {} : { handlerFailure: exceptionOf(report.handlerFailure) }),
    causes: report.causes.map(exceptionOf),
    members: report.members.map(exceptionOf),
    otherThreads: report.otherThreads.map(threadOf),
    runtime: publicRuntime(report.runtime),
  };
}

function exceptionOf(exception: RedactedException): RedactedException {
  return {
    exceptionType: passing(exception.exceptionType, anyType),
    code: passing(exception.code, (code) => publicCode(code, exception.exceptionType)),
    frames: exception.frames.map(frameOf),
    members: exception.members.map(exceptionOf),
  };
}

function threadOf({ count, frames }: ThreadStack): ThreadStack {
  return { count, frames: frames.map(frameOf) };
}

function frameOf(frame: Frame): Frame {
  const rule = frame.native === undefined ? publicFunction : publicNativeFunction;
  return { ...frame, function: passing(frame.function, rule) };
}

function anyType(name: string): string | null {
  return publicType(name) ?? publicCxxType(name, null);
}

function passing(name: string | null, rule: (name: string) => string | null): string | null {
  return name === null ? null : rule(name);
}

function matching(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null;
}
