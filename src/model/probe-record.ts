import type { NoLineReason, WasmPlace } from './frame.ts';
import type { Runtime } from './runtime.ts';

/**
 * What the probe writes inside a crashing worker: one JSON file per record in the run's raw directory. It is private (it
 * contains the message) and untrusted (the app can shape every string), and it is deleted once the report
 * exists. Files: `claim.json` (one ClaimRecord: this process is the main worker), `record-<n>.json` (0 to 9,
 * CandidateRecord, later ones are newer).
 */
export type ClaimRecord = {
  v: 1;
  type: 'claim';
  /** Which probe wrote it. */
  runtime: Runtime;
  pid: number;
  /** Of the runtime, as it names it itself: `v20.20.2`, `3.11.2`. */
  version: string;
  /** The main script, absolute for Node.js, null without one (`node -e`). */
  mainScript: string | null;
  cwd: string;
  /** Private. The program of `node -e`, at most 65,536 characters, to verify frames of `[eval]`. */
  evalSource: string | null;
  /** The runtime's executable and, for Node.js, the options that set its heap limit. */
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
  /** V8's SHA-256 of the text that it compiled. Missing before Node.js 20, and if the files are too large to hash. */
  scriptHash?: string;
  /** The printed position, or that of Node's own source map, if it differs from V8's. */
  printed?: { file: string; line: number; column: number | null };
  /** Only for WebAssembly, which has no lines. */
  wasm?: WasmPlace;
  /** Set by the analysis: the position is in the source, so no source map applies. */
  isMapped?: true;
  /** Set by the analysis: why there is no line. */
  noLine?: NoLineReason;
};

/** A thrown value; keeps only the listed parts. */
export type ThrownValue = {
  /** True for Error instances, also from another realm. */
  isError: boolean;
  /** Constructor name for objects (`TypeError`), else `typeof` (`string`, `undefined`). */
  type: string;
  /** `error.code` if it is a string (`ECONNREFUSED`). */
  code: string | null;
  /** Private. Cut at 1,048,576 characters; `messageLength` is the whole length. */
  message: string;
  messageLength: number;
  /** `call-site`: structured. `text`: parsed from a formatted stack, which needs verification. */
  frameSource: 'call-site' | 'text' | 'none';
  frames: RawFrame[];
  /** V8's own RangeError for a stack overflow, proved by its message inside the worker. */
  stackOverflow: boolean;
  /** `error.cause`, nested at most 8 deep. */
  cause: ThrownValue | null;
  /** Members of an AggregateError, at most 10, and how many there were. */
  errors: ThrownValue[];
  errorsTotal: number;
  /**
   * For an 'error' event without a listener: the class of its emitter, and the calls that emitted it. Otherwise null,
   * also in records of older probes.
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
  /** Frames of the caller of `process.exit` or `process.abort`; empty without a call (the event loop ended). */
  callerFrames: RawFrame[];
  exitCode: number | null;
  /** The app has an uncaughtException listener or a capture callback, so it may survive. */
  appHandles: boolean;
  /** Milliseconds that the probe delayed the exit before it wrote this; null for earlier records. */
  tookMs: number | null;
  /** Size of the file behind standard error at that time, null if it is not a file. */
  stderrOffset: number | null;
};
