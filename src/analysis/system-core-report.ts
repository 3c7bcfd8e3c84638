import type { CrashReport } from '../model/crash-report.ts';
import type { CrashKind } from '../model/exit.ts';
import type { NativeFrame } from '../model/native-stack.ts';
import { problem, withoutRepeats } from '../model/problem.ts';
import type { RuntimeVersion } from '../model/runtime.ts';
import type { CaptureInput } from './capture-input.ts';
import { toFrames } from './native-frames.ts';

/** The stack of a core dump that another program handled, and what is known of the exit. */
export type SystemCoreInput = Pick<
  CaptureInput,
  'id' | 'app' | 'instance' | 'diedAtMs' | 'appRoot' | 'workspaceRoot'
> & {
  kind: CrashKind;
  signal: string;
  runtime: RuntimeVersion;
  /** Absolute path of the program that ended. */
  executable: string;
  frames: readonly NativeFrame[];
  /** The handler stopped before the end of the stack. */
  cut: boolean;
  /** Lines could not be looked up in time. */
  isTimedOut: boolean;
  /** What the runtime printed about this end, without a stack; null if nothing. */
  printed: CrashReport | null;
};

/** Makes the report of a crash from the core dump that the system's handler took. Never throws because of its input. */
export function systemCoreReport(input: SystemCoreInput): CrashReport {
  const { id, app, instance, diedAtMs, kind, signal, runtime, executable, appRoot, workspaceRoot } = input;
  const { printed } = input;
  const problems = [
    ...(printed?.problems ?? []).filter(({ code }) => code !== 'printed-no-calls'),
    ...(input.cut ? [problem('unwind-cut', 1)] : []),
    ...(input.isTimedOut ? [problem('unwind-timed-out')] : []),
  ];
  return {
    ...{ id, app, instance, diedAtMs, kind, signal, runtime: printed?.runtime ?? runtime },
    ...{ exception: printed?.exception ?? null, causes: printed?.causes ?? [] },
    frames: toFrames(input.frames, { executable, appRoot }),
    ...{ heap: null, native: null, holdMs: 0, source: 'system-core', appRoot, workspaceRoot },
    problems: withoutRepeats(problems),
  };
}
