import { originOf } from '../../../analysis/origin/origins.ts';
import type { PrintedCall } from '../../../formats/printed-stack/printed-call.ts';
import type { Frame } from '../../../model/frame.ts';
import type { Runtime } from '../../../model/runtime.ts';

/** A call that a sender printed, as a frame of a report before redaction. */
export function toFrame(call: PrintedCall, runtime: Runtime): Frame {
  return {
    function: call.function,
    file: call.file?.replaceAll('\\', '/') ?? null,
    line: call.line,
    column: call.column,
    ...originOf(runtime, call, { appRoot: '' }),
    repeat: 1,
    trust: 'sender-text',
  };
}
