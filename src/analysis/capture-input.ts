import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { NativeRecord } from '../model/native-record.ts';
import type { NativeStack } from '../model/native-stack.ts';
import type { CandidateRecord, ClaimRecord, RawFrame } from '../model/probe-record.ts';
import type { Problem } from '../model/problem.ts';
import type { ScriptFiles } from './true-positions.ts';
import type { ReadSource } from './verify-frames.ts';

/** Everything that is known of one death. Plain data but for the last five, through which analysis sees files. */
export type CaptureInput = {
  /** Id of the run. */
  id: string;
  app: string;
  instance: string;
  diedAtMs: number;
  status: ExitStatus;
  /** The kind of the exit's verdict; records and standard error may know better. */
  kind: CrashKind;
  armed: boolean;
  /** Absolute, without a slash at its end. */
  appRoot: string;
  /** The same of the workspace that the app is a member of, null where it is in none. */
  workspaceRoot: string | null;
  claim: ClaimRecord | null;
  /** In the order in which they were written. */
  candidates: readonly CandidateRecord[];
  /** End of standard error; `offset` is where in the whole file its first byte stands. */
  stderr: { bytes: Uint8Array; offset: number } | null;
  /** What a debugger captured of a death by a signal; null where none did. */
  native: NativeInput | null;
  /** What the agent itself could not do. */
  problems: readonly Problem[];
  /** V8's heap limit in the dead worker; asked only where the heap was exhausted. null where it cannot be known. */
  heapLimitBytes: () => number | null;
  symbols: FrameSymbols;
  readSource: ReadSource;
  scripts: ScriptFiles;
  /** Is there a script file of this absolute path? */
  isOnDisk: (path: string) => boolean;
};

export type NativeInput = {
  record: NativeRecord;
  /** Of the dump; without threads where there is none. */
  stack: NativeStack;
  /** Demangled. */
  cxxExceptionType: string | null;
};

/** What `symbols` offers to a report; `FrameMapper` is one. */
export type FrameSymbols = {
  mapFrames(frames: readonly RawFrame[]): RawFrame[];
  problems(): Problem[];
};
