import type { ThreadStack } from '../../model/crash-report.ts';
import type { Frame } from '../../model/frame.ts';
import type { RedactedException, RedactedReport } from '../../model/redacted-report.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { TelemetrySource } from '../../model/telemetry.ts';
import { parseRedactedReport } from '../../privacy/parse-redacted-report.ts';
import { publicAddon } from '../../privacy/public-addon.ts';
import { publicCxxType } from '../../privacy/public-cxx-type.ts';
import { publicCode, publicType } from '../../privacy/public-names.ts';
import { publicNativeFunction } from '../../privacy/public-native.ts';
import { publicRuntime } from '../../privacy/public-runtime.ts';
import { publicRuntimeFunction, publicRuntimeType } from '../../privacy/runtime-names.ts';

/**
 * A report that an agent sent. The portal does not rely on its redaction: its names pass the rules of redaction again,
 * and its app and instance are those of the sender.
 *
 * @throws CrashmonError BAD_RECORD
 */
export function ownReport(json: unknown, { app, instance }: TelemetrySource): RedactedReport {
  const { addon, ...report } = parseRedactedReport(json);
  const runtime = publicRuntime(report.runtime);
  const names = namesOf(runtime?.name ?? 'node');
  return {
    ...report,
    app,
    instance,
    exceptionType: passing(report.exceptionType, names.type),
    code: passing(report.code, (code) => publicCode(code, report.exceptionType)),
    signal: matching(report.signal, /^SIG[A-Z0-9+]{2,12}$/),
    frames: report.frames.map(names.frame),
    ...(report.emitter === undefined ? {} : { emitter: passing(report.emitter, publicType) }),
    ...publicAddon(addon),
    ...(report.handlerFailure === undefined
      ? {}
      : { handlerFailure: names.exception(report.handlerFailure) }),
    causes: report.causes.map(names.exception),
    members: report.members.map(names.exception),
    otherThreads: report.otherThreads.map(names.thread),
    runtime,
  };
}

/** The rules of redaction for names of this runtime. */
function namesOf(runtime: Runtime) {
  const type = (name: string) => publicRuntimeType(name, runtime) ?? publicCxxType(name, null);
  const functionName = (name: string) => publicRuntimeFunction(name, runtime);
  const frame = (one: Frame): Frame => ({
    ...one,
    function: passing(one.function, one.native === undefined ? functionName : publicNativeFunction),
  });
  const exception = ({ exceptionType, code, frames, members }: RedactedException): RedactedException => ({
    exceptionType: passing(exceptionType, type),
    code: passing(code, (text) => publicCode(text, exceptionType)),
    frames: frames.map(frame),
    members: members.map(exception),
  });
  const thread = ({ count, frames }: ThreadStack): ThreadStack => ({ count, frames: frames.map(frame) });
  return { type, frame, exception, thread };
}

function passing(name: string | null, rule: (name: string) => string | null): string | null {
  return name === null ? null : rule(name);
}

function matching(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null;
}
