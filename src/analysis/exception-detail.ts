import type { ExceptionDetail } from '../model/crash-report.ts';
import type { Frame } from '../model/frame.ts';
import type { ThrownValue } from '../model/probe-record.ts';

/** Finds the frames of a thrown value. */
type FramesOf = (thrown: ThrownValue) => Frame[];

/** The thrown value and its members; members of members to three levels. */
export function exceptionDetail(thrown: ThrownValue, framesOf: FramesOf, depth = 0): ExceptionDetail {
  return {
    type: thrown.type,
    code: thrown.code,
    message: thrown.message,
    messageLength: thrown.messageLength,
    frames: framesOf(thrown),
    members:
      depth < MAX_DEPTH
        ? thrown.errors.slice(0, MAX_MEMBERS).map((member) => exceptionDetail(member, framesOf, depth + 1))
        : [],
    membersTotal: thrown.errorsTotal,
  };
}

/** The chain of `error.cause`, outermost first, at most eight. */
export function causesOf(thrown: ThrownValue, framesOf: FramesOf): ExceptionDetail[] {
  const causes: ExceptionDetail[] = [];
  for (let next = thrown.cause; next !== null && causes.length < MAX_CAUSES; next = next.cause) {
    causes.push(exceptionDetail(next, framesOf));
  }
  return causes;
}

const MAX_DEPTH = 3;
const MAX_MEMBERS = 10;
const MAX_CAUSES = 8;
