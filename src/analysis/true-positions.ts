import { isScriptPosition, type ReadSource } from '../formats/script-frames/verify-frames.ts';
import { scriptPath } from '../formats/script-name.ts';
import type { FrameTrust, NoLineReason } from '../model/frame.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { isPositionOf, type ThrownHint } from './source-evidence.ts';

/** Facts about the files that scripts are named after. */
export type ScriptFiles = {
  /** SHA-256 of the texts that Node compiles from the file; empty if it does not exist. */
  hashes(path: string): readonly string[];
  /** After Node's type stripping, which moves nothing. */
  strippedHashes(path: string): readonly string[];
  /** null if the file does not exist. */
  changedAtMs(path: string): number | null;
};

/**
 * V8's positions refer to the compiled text, but the file of that name can differ: loaders transpile in memory, and files
 * change while a worker runs. A line is shown only with proof: the hash of the text, the position in the source map of the
 * loader or of Node, or the source at that position.
 */
export class TruePositions {
  readonly #files: ScriptFiles;
  readonly #readSource: ReadSource;
  readonly #startedAtMs: number | null;
  readonly #known = new Map<string, KnownFile>();

  constructor(files: ScriptFiles, readSource: ReadSource, startedAtMs: number | null) {
    this.#files = files;
    this.#readSource = readSource;
    this.#startedAtMs = startedAtMs;
  }

  /** The same frames, innermost first, each with a verified position, or without one and why. */
  of(frames: readonly RawFrame[], trust: FrameTrust, thrown: ThrownHint | null): RawFrame[] {
    // The line was found in the file.
    if (trust === 'throw-site') return [...frames];
    return frames.map((frame, index) => {
      const path = frame.line === null || frame.isMapped === true ? null : scriptPath(frame.file);
      if (path === null) return frame;
      // The start of the function was already verified.
      if (trust === 'v8-heap') return this.#fileOf(path).isChanged ? withoutLine(frame, 'changed') : frame;
      return this.#judged(frame, path, frames[index - 1] ?? null, thrown);
    });
  }

  #judged(frame: RawFrame, path: string, inner: RawFrame | null, thrown: ThrownHint | null): RawFrame {
    const file = this.#fileOf(path);
    const { scriptHash, printed } = frame;
    if (scriptHash === undefined) {
      if (file.isChanged) return withoutLine(frame, 'changed');
      if (!TRANSPILED.test(path)) return frame;
    } else if (file.hashes.includes(scriptHash)) return frame;
    else if (printed !== undefined) {
      const source = sourceOf(printed.file, path);
      if (source !== null && isScriptPosition({ ...printed, file: source }, this.#readSource)) {
        if (this.#fileOf(source).isChanged) return withoutLine(frame, 'changed');
        return { ...frame, ...printed, file: source, isMapped: true };
      }
    }
    if (file.isChanged) return withoutLine(frame, 'changed');
    if (scriptHash !== undefined && TRANSPILED.test(path)) {
      file.stripped ??= this.#files.strippedHashes(path);
      if (file.stripped.includes(scriptHash)) return frame;
    }
    file.lines ??= this.#readSource(path)?.split('\n') ?? [];
    const isProved = isPositionOf(file.lines, frame, inner, inner === null ? thrown : null);
    return isProved ? frame : withoutLine(frame, 'transpiled');
  }

  #fileOf(path: string): KnownFile {
    let file = this.#known.get(path);
    if (file === undefined) {
      const changedAtMs = this.#files.changedAtMs(path);
      file = {
        hashes: this.#known.size < MAX_FILES ? this.#files.hashes(path) : [],
        isChanged: changedAtMs !== null && this.#startedAtMs !== null && changedAtMs > this.#startedAtMs,
        stripped: null,
        lines: null,
      };
      this.#known.set(path, file);
    }
    return file;
  }
}

/** Some loaders name a source relative to the working directory; then it is the script's own. */
function sourceOf(printed: string, path: string): string | null {
  const relative = printed.replace(/^\.\//, '');
  return SCRIPT_BELOW.test(relative) && path.endsWith(`/${relative}`) ? path : scriptPath(printed);
}

const SCRIPT_BELOW = /^[^/:]{1,200}(?:\/[^/:]{1,200}){0,40}$/;

type KnownFile = {
  hashes: readonly string[];
  isChanged: boolean;
  stripped: readonly string[] | null;
  lines: readonly string[] | null;
};

const MAX_FILES = 200;
/** Files that Node cannot run without a transformation (types, markup). */
export const TRANSPILED = /\.(?:[cm]?ts|[jt]sx|vue|svelte)$/;

function withoutLine(frame: RawFrame, noLine: NoLineReason): RawFrame {
  return { ...frame, line: null, column: null, noLine };
}
