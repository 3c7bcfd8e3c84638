import type { NoLineReason, WasmPlace } from './frame.ts';

/**
 * What the probe writes from inside a dying worker: one JSON file a record in the run's raw directory. It is private
 * (it holds the message) and hostile (the app's code can shape every string in it), and it is deleted as soon as the
 * report is made. Files: `claim.json` (one ClaimRecord: this process is the main worker), `record-<n>.json` (0 to 9,
 * CandidateRecord, later ones are newer).
 */
export type ClaimRecord = {
  v: 1;
  type: 'claim';
  pid: number;
  /** `process.version`, e.g. `v20.20.2`. */
  nodeVersion: string;
  /** Absolute path of the main script, null where there is none (`node -e`). */
  mainScript: string | null;
  cwd: string;
  /** Private. The program of `node -e`, at most 65,536 characters, against which frames of `[eval]` are compared. */
  evalSource: string | null;
  /** The Node that ran it, and the options by which its heap's limit can be found out. */
  execPath: string;
  heapFlags: string[];
  atMs: number;
};

/** A call site or text line as the worker saw it: generated positions, before any source map. */
export type RawFrame = {
  function: string | null;
  /** Script name: a path, a `file://` URL, `node:…`, `native`, `eval at …` or null. */
  file: string | null;
  line: number | null;
  column: number | null;
  async: boolean;
  /** V8's SHA-256 of the text that it compiled. Missing before Node 20, and where the files are too big to hash. */
  scriptHash?: string;
  /** The position that was printed, or that Node's own source map has, where it is another than V8's. */
  printed?: { file: string; line: number; column: number | null };
  /** Only of WebAssembly, which has no lines. */
  wasm?: WasmPlace;
  /** Set by the analysis: the position is the source's, so that no map applies. */
  isMapped?: true;
  /** Set by the analysis: why there is no line. */
  noLine?: NoLineReason;
};

/** A thrown value, described without keeping any part of it but what is listed. */
export type ThrownValue = {
  /** True for Error instances, also from another realm. */
  isError: boolean;
  /** Constructor name for objects (`TypeError`), else `typeof` (`string`, `undefined`). */
  type: string;
  /** `error.code` where it is a string (`ECONNREFUSED`). */
  code: string | null;
  /** Private. Cut at 1,048,576 characters; `messageLength` is the whole length. */
  message: string;
  messageLength: number;
  /** `call-site`: structured. `text`: the stack had been formatted before, frames are parsed text and need vouching. */
  frameSource: 'call-site' | 'text' | 'none';
  frames: RawFrame[];
  /** V8's own RangeError for an exhausted stack, proved by its message inside the worker. */
  stackOverflow: boolean;
  /** `error.cause`, nested at most 8 deep. */
  cause: ThrownValue | null;
  /** Members of an AggregateError, at most 10, and how many there were. */
  errors: ThrownValue[];
  errorsTotal: number;
  /**
   * Of an 'error' event without a listener: the class of its emitter, and the calls that emitted it; null for anything
   * else, and where an older probe wrote the record.
   */
  emitter: { type: string; frameSource: ThrownValue['frameSource']; frames: RawFrame[] } | null;
};

export type CandidateRecord = {
  v: 1;
  type: 'candidate';
  pid: number;
  /**
   * `uncaught`: uncaughtExceptionMonitor, origin uncaughtException. `rejection`: the same with origin
   * unhandledRejection. `handled-rejection`: an unhandledRejection listener of the app was about to run. `exit`: the
   * process exits with a code other than 0 and nothing was thrown shortly before. `abort`: `process.abort()`.
   */
  event: 'uncaught' | 'rejection' | 'handled-rejection' | 'exit' | 'abort';
  atMs: number;
  /** Seconds since the worker started. */
  uptimeS: number;
  thrown: ThrownValue | null;
  /** Frames of the caller of `process.exit` or `process.abort`; empty where nobody called (the event loop ran dry). */
  callerFrames: RawFrame[];
  exitCode: number | null;
  /** Did the app have an uncaughtException listener or a capture callback (so that it may survive)? */
  appHandles: boolean;
  /** Milliseconds that the probe held the dying process until it wrote this; null for what was recorded before. */
  tookMs: number | null;
  /** Size of the file behind standard error when the record was made, null when it is not a file. */
  stderrOffset: number | null;
};
