import type { ReadSource } from '../formats/script-frames/verify-frames.ts';
import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { HeapMemoryRecord, ProcessMemoryRecord } from '../model/memory.ts';
import type { NativeRecord } from '../model/native-record.ts';
import type { NativeStack } from '../model/native-stack.ts';
import type { CandidateRecord, ClaimRecord, RawFrame } from '../model/probe-record.ts';
import type { Problem } from '../model/problem.ts';
import type { ScriptFiles } from './true-positions.ts';

/** Everything known about one crash. Plain data, except the last five members, through which analysis reads files. */
export type CaptureInput = {
  /** Id of the run. */
  id: string;
  app: string;
  instance: string;
  diedAtMs: number;
  status: ExitStatus;
  /** The kind of the exit's verdict; records and standard error can be more precise. */
  kind: CrashKind;
  armed: boolean;
  /** Absolute, without a trailing slash. */
  appRoot: string;
  /** The same for the workspace of the app; null without one. */
  workspaceRoot: string | null;
  claim: ClaimRecord | null;
  /** In the order in which they were written. */
  candidates: readonly CandidateRecord[];
  /** End of standard error; `offset`: position of its first byte in the whole file. */
  stderr: { bytes: Uint8Array; offset: number } | null;
  /** A debugger's capture of a fatal signal; null without one. */
  native: NativeInput | null;
  /** What was read of the memory before it ran out; null if nothing. */
  memory: ProcessMemoryRecord | null;
  heapMemory: HeapMemoryRecord | null;
  /** Problems of the agent. */
  problems: readonly Problem[];
  /** V8's heap limit in the worker, only after an exhausted heap; null if unknown. */
  heapLimitBytes: () => number | null;
  symbols: FrameSymbols;
  readSource: ReadSource;
  scripts: ScriptFiles;
  /** Is there a script file of this absolute path? */
  isOnDisk: (path: string) => boolean;
};

export type NativeInput = {
  record: NativeRecord;
  /** From the dump; no threads without one. */
  stack: NativeStack;
  /** Demangled. */
  cxxExceptionType: string | null;
};

/** What `symbols` offers to a report; `FrameMapper` is one. */
export type FrameSymbols = {
  mapFrames(frames: readonly RawFrame[]): RawFrame[];
  problems(): Problem[];
};
