import { scriptPath } from '../formats/script-name.ts';
import type { FrameTrust, NoLineReason } from '../model/frame.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { isPositionOf, type ThrownHint } from './source-evidence.ts';
import { isScriptPosition, type ReadSource } from './verify-frames.ts';

/** What is known of the files that scripts are named after. */
export type ScriptFiles = {
  /** SHA-256 of the texts that Node compiles of the file as it is; empty where there is no such file. */
  hashes(path: string): readonly string[];
  /** Of what Node's own type stripping makes of it, which moves nothing. */
  strippedHashes(path: string): readonly string[];
  /** null where there is no such file. */
  changedAtMs(path: string): number | null;
};

/**
 * V8's positions are of the text that was compiled, under the name of a file that may hold another: loaders transpile in
 * memory, and files are changed while a worker runs. A line is shown only where something proves that it is the file's:
 * the hash of the text, the position that the loader or Node's own source map has for it, or what stands there.
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

  /** The same frames, innermost first, each with a position that is the file's, or none and why. */
  of(frames: readonly RawFrame[], trust: FrameTrust, thrown: ThrownHint | null): RawFrame[] {
    // The line itself was found in the file.
    if (trust === 'throw-site') return [...frames];
    return frames.map((frame, index) => {
      const path = frame.line === null ? null : scriptPath(frame.file);
      if (path === null) return frame;
      // That a function begins there was looked up already.
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

/** Some loaders name a source from the working directory on; then it is the script's own. */
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
/** Files that Node runs only after something took the types or the markup out. */
export const TRANSPILED = /\.(?:[cm]?ts|[jt]sx|vue|svelte)$/;

function withoutLine(frame: RawFrame, noLine: NoLineReason): RawFrame {
  return { ...frame, line: null, column: null, noLine };
}
