import type { RawFrame } from '../../model/probe-record.ts';
import type { ThrowSite } from '../crash-output/throw-site.ts';
import { scriptPath } from '../script-name.ts';
import { isBuiltInFunction } from './built-in-function.ts';
import { NODE_FILES, NODE_WORDS } from './node-words.ts';

/** Text of a source file; null unless it is a regular file of limited size. */
export type ReadSource = (path: string) => string | null;

/**
 * Keeps only verified frames of a stack that was already text. Such text can contain parts of the message (a message can
 * contain `\n    at alice (4111:1:1)`). So a frame passes only if its file is a script on disk, has that position, and every
 * name occurs there as an identifier: it then reveals nothing that the source does not. Frames of Node's own code cannot be
 * compared with a file and pass only as known words; so do functions of the language.
 *
 * @returns also how many were dropped, and how many of these because a script on disk does not have them
 */
export function verifiedFrames(
  frames: readonly RawFrame[],
  readSource: ReadSource,
  sources: SourceCache = new Map(),
): { frames: RawFrame[]; dropped: number; refuted: number } {
  let refuted = 0;
  const passed = frames.slice(0, MAX_TEXT_FRAMES).filter((frame) => {
    if (frame.file?.startsWith('node:')) return NODE_FILES.has(frame.file) && namesAreIn(frame, NODE_WORDS);
    if (frame.file === '[eval]-wrapper') return frame.function === null;
    if (frame.file === null) return frame.function !== null && isBuiltInFunction(frame.function);
    const path = vouchablePath(frame.file);
    if (path === null) return false;
    let facts = sources.get(path);
    if (facts === undefined) {
      facts = sources.size < MAX_SOURCES ? factsOf(readSource(path)) : null;
      sources.set(path, facts);
    }
    if (facts === null) return false;
    const isIn = positionIsIn(frame, facts) && namesAreIn(frame, facts.identifiers, RECEIVERS);
    if (!isIn) refuted++;
    return isIn;
  });
  return { frames: passed.map(withoutNodePosition), dropped: frames.length - passed.length, refuted };
}

/** Does a script on disk have this position? */
export function isScriptPosition(
  { file, line, column }: { file: string; line: number; column: number | null },
  readSource: ReadSource,
): boolean {
  const path = vouchablePath(file);
  const text = path === null ? undefined : readSource(path)?.split('\n', line)[line - 1];
  return text !== undefined && (column === null || column <= text.length + 1);
}

/** The throw site as a frame, null unless the printed source line is that line of the file. */
export function verifiedThrowSite(site: ThrowSite, readSource: ReadSource): RawFrame | null {
  const path = vouchablePath(site.file);
  if (path === null) return null;
  const line = readSource(path)?.split('\n', site.line)[site.line - 1];
  if (line === undefined || stripReturn(line) !== stripReturn(site.sourceLine)) return null;
  return { function: null, file: path, line: site.line, column: site.column, async: false };
}

/** The program of `node -e` has no file; `readSource` returns it for V8's name of it. */
function vouchablePath(file: string | null): string | null {
  if (file === '[eval]') return file;
  const path = scriptPath(file);
  return path !== null && path.length <= 4096 && SCRIPT.test(path) ? path : null;
}

/** What was found in sources: for several stacks of one death. */
export type SourceCache = Map<string, SourceFacts | null>;

/** Does one of these sources have it as an identifier, or as a word of a text? */
export function isWordOf(sources: SourceCache, name: string): boolean {
  for (const facts of sources.values()) if (facts?.identifiers.has(name) === true) return true;
  return false;
}

type SourceFacts = { lineLengths: number[]; identifiers: ReadonlySet<string> };

const MAX_TEXT_FRAMES = 1000;
const MAX_SOURCES = 50;
const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const IDENTIFIERS = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

/** Words that V8 and Node add to frames. */
const V8_WORDS = new Set([
  'Object',
  'Promise',
  'async',
  'new',
  'as',
  'get',
  'set',
  'anonymous',
  'eval',
  'index',
]);
/** What a function of the app can be called on, and as, by Node's own code: `Timeout._onTimeout`, `Server.<anonymous>`. */
const RECEIVERS: ReadonlySet<string> = new Set([
  ...NODE_WORDS,
  ...[
    '_onTimeout',
    '_onImmediate',
    '_repeat',
    'callback',
    'onceWrapper',
    'EventTarget',
    'Process',
    'process',
  ],
  ...['MessagePort', 'MessagePortMain', 'Worker', 'ChildProcess', 'FSWatcher', 'ReadStream', 'WriteStream'],
  ...['Transform', 'Duplex', 'PassThrough', 'Http2Server', 'Http2ServerRequest', 'Http2ServerResponse'],
  ...['Http2Stream', 'ServerHttp2Stream', 'TLSServer', 'HTTPParser', 'AbortSignal', 'AsyncResource'],
  ...['FSReqCallback', 'FileHandle', 'Interface', 'Gunzip', 'Gzip', 'Inflate', 'Deflate', 'Hash', 'Agent'],
  ...[
    'Array',
    'Map',
    'Set',
    'WeakMap',
    'String',
    'Number',
    'RegExp',
    'Error',
    'Proxy',
    'Symbol',
    'Generator',
  ],
]);

function factsOf(source: string | null): SourceFacts | null {
  if (source === null) return null;
  return {
    lineLengths: source.split('\n').map((line) => line.length),
    identifiers: new Set(source.match(IDENTIFIERS)),
  };
}

/** A number can be private too (`at x (a.js:4111111111111111:1)`). */
function positionIsIn({ line, column }: RawFrame, { lineLengths }: SourceFacts): boolean {
  if (line === null) return column === null;
  const length = lineLengths[line - 1];
  return length !== undefined && (column === null || (column >= 1 && column <= length + 1));
}

function namesAreIn(
  frame: RawFrame,
  known: ReadonlySet<string>,
  others: ReadonlySet<string> = V8_WORDS,
): boolean {
  if (frame.function === null) return true;
  if (frame.function.length > 500) return false;
  // Everything between the separators in V8's frames (`new A.#b [as c]`, `Object.<anonymous>`) must be a name.
  return frame.function
    .split(/[.<>[\] #]/)
    .every((name) => name === '' || known.has(name) || V8_WORDS.has(name) || others.has(name));
}

/** Positions in Node's code cannot be verified. */
function withoutNodePosition(frame: RawFrame): RawFrame {
  return frame.file?.startsWith('node:') || frame.file === '[eval]-wrapper'
    ? { ...frame, line: null, column: null }
    : frame;
}

function stripReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
