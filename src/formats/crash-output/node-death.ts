import { type PrintedFrame, parseAbortStack } from './abort-stack.ts';

/** Fatal-error output of Node and V8 on standard error. Evidence, not proof: the app can print the same. */
export type NodeDeath = {
  /** `v24.1.0` of Node's trailer `Node.js v24.1.0`, only if it is the last non-empty line. */
  fatalTrailer: string | null;
  /** V8's heap out of memory; sizes of the last garbage collection it printed, null if it printed none. */
  outOfMemory: { usedBytes: number | null; committedBytes: number | null } | null;
  /**
   * A promise was rejected with a value other than an Error. A rejection with an Error prints exactly what a thrown Error
   * prints, so false proves nothing.
   */
  unhandledRejection: boolean;
  /** Node printed a native stack on its way to abort(). */
  abort: boolean;
  /** The JavaScript stack that Node 20 and later print before abort(); innermost first. */
  abortFrames: PrintedFrame[];
};

/**
 * Reads the end of a worker's standard error after its exit: any text, of which only the last 256 K characters count.
 */
export function parseNodeDeath(stderrTail: string): NodeDeath {
  const text = stderrTail.slice(-MAX_TAIL);
  const fatalTrailer = TRAILER.exec(lastLine(text))?.[1] ?? null;
  const nativeStack = Math.max(
    text.lastIndexOf('----- Native stack trace -----'),
    // Node 18 prints the stack without a heading.
    text.lastIndexOf(' node::Abort() ['),
  );
  return {
    fatalTrailer,
    outOfMemory: parseOutOfMemory(text),
    unhandledRejection: fatalTrailer !== null && REJECTION.test(text),
    abort: fatalTrailer === null && nativeStack >= 0,
    abortFrames: nativeStack >= 0 ? parseAbortStack(text.slice(nativeStack)) : [],
  };
}

const MAX_TAIL = 256 * 1024;

const TRAILER = /^Node\.js (v\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[\w.]{1,40})?)$/;

/** Node's excerpt of its own rejection code, a heading and a source line (Node 18; Node 20 and later). */
const REJECTION =
  /^node:internal\/process\/promises:\d{1,6}\n {1,40}(?:triggerUncaughtException\(err, true|new UnhandledPromiseRejection\(reason)/m;

/** `FATAL ERROR: <where> - JavaScript heap out of memory` (Node), `# Fatal JavaScript out of memory` (V8's own). */
const OUT_OF_MEMORY =
  /^(?:FATAL ERROR: .{0,200}(?:JavaScript heap out of memory|Allocation failed)|# ?Fatal (?:JavaScript|process) out of memory)/gm;

/** `Mark-Compact (reduce) 38.0 (40.1) -> 38.0 (40.1) MB`: used and committed before, then after. */
const COLLECTION = /\) -> (\d{1,9}\.\d{1,3}) \((\d{1,9}\.\d{1,3})\) MB/g;

function parseOutOfMemory(text: string): NodeDeath['outOfMemory'] {
  const fatal = lastMatch(OUT_OF_MEMORY, text);
  if (fatal === null) return null;
  const start = text.lastIndexOf('<--- Last few GCs --->', fatal.index);
  const collection = start < 0 ? null : lastMatch(COLLECTION, text.slice(start, fatal.index));
  return { usedBytes: bytesOf(collection?.[1]), committedBytes: bytesOf(collection?.[2]) };
}

function lastMatch(pattern: RegExp, text: string): RegExpExecArray | null {
  let last: RegExpExecArray | null = null;
  for (const match of text.matchAll(pattern)) last = match;
  return last;
}

function bytesOf(megabytes: string | undefined): number | null {
  return megabytes === undefined ? null : Math.round(Number(megabytes) * 1024 * 1024);
}

function lastLine(text: string): string {
  // trimEnd first: a regular expression for trailing blanks would be quadratic on hostile text.
  const trimmed = text.trimEnd();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1);
}
