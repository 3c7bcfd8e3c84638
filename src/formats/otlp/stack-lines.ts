import type { Frame } from '../../model/frame.ts';
import type { RedactedException, RedactedReport } from '../../model/redacted-report.ts';
import { scriptPlace } from '../script-place.ts';

/**
 * `exception.stacktrace` of a redacted report: types and frames in V8's manner, causes below, and never a message.
 * The report itself travels beside it; this is for collectors that know nothing of crashmon.
 */
export function stackTrace(report: RedactedReport): string {
  const first = [report.exceptionType ?? report.signal ?? report.kind, ...report.frames.map(frameLine)];
  return [...first, ...report.causes.flatMap(causeLines)].join('\n');
}

function causeLines(cause: RedactedException): string[] {
  return [`Caused by: ${cause.exceptionType ?? '(type not shown)'}`, ...cause.frames.map(frameLine)];
}

function frameLine(frame: Frame): string {
  const { function: name, file, native, repeat } = frame;
  const place = scriptPlace(frame) ?? native?.image ?? '<unknown>';
  const offset = file === null && native?.offset ? `+${native.offset}` : '';
  const times = repeat > 1 ? ` (${repeat} times)` : '';
  return name === null ? `    at ${place}${offset}${times}` : `    at ${name} (${place}${offset})${times}`;
}
