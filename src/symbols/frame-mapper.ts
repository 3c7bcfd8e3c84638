import { originalPositionFor, sourceContentFor, type TraceMap } from '@jridgewell/trace-mapping';
import { scriptPath } from '../formats/script-name.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { type CountedProblem, type Problem, problem } from '../model/problem.ts';
import { GeneratedText } from './generated-text.ts';
import { loadSourceMap } from './load-source-map.ts';
import { type Locate, onHost } from './locate.ts';
import { originalName } from './original-name.ts';
import { readSource } from './read-source.ts';
import { sourcePath } from './source-path.ts';

/**
 * Translates generated positions to source positions, for one crash. Maps are loaded on demand and stay in memory, as the
 * process ends after the crash.
 */
export class FrameMapper {
  readonly #appRoot: string;
  readonly #locate: Locate;
  #bytesLeft: number;
  readonly #scripts = new Map<string, Script>();
  readonly #problems = new Map<CountedProblem, number>();

  /** `maxMapBytes` bounds all maps of the crash together. */
  constructor(appRoot: string, maxMapBytes: number = MAX_MAP_BYTES, locate: Locate = onHost) {
    this.#appRoot = appRoot;
    this.#locate = locate;
    this.#bytesLeft = maxMapBytes;
  }

  /**
   * The same frames, innermost first, with source positions and names where a map has them. `file:` URLs become paths.
   * Reads files, never throws.
   */
  mapFrames(frames: readonly RawFrame[]): RawFrame[] {
    return frames.map((frame, index) => {
      const path = scriptPath(frame.file);
      if (path === null) return frame;
      const plain = { ...frame, file: path };
      if (frame.isMapped === true) return plain;
      try {
        return this.#mapFrame(plain, path, frames[index + 1]);
      } catch {
        // Mappings are decoded on first use, which can find damage.
        this.#scripts.set(path, emptyScript());
        this.#note('source-map-damaged');
        return plain;
      }
    });
  }

  /** Problems so far. */
  problems(): Problem[] {
    return [...this.#problems].map(([code, count]) => problem(code, count));
  }

  #mapFrame(frame: RawFrame, path: string, caller: RawFrame | undefined): RawFrame {
    const script = this.#scriptOf(path);
    if (script.map === null || frame.line === null || frame.line < 1) return frame;
    // A printed throw site without a column is in a minified file, where a line alone is useless.
    if (frame.column === null || frame.column < 1) return frame;
    const generated = { line: frame.line, column: frame.column };
    const original = originalPositionFor(script.map, { line: generated.line, column: generated.column - 1 });
    if (original.line === null || original.source === null) return frame;
    const file = sourcePath(original.source, path, this.#appRoot);
    const mapped = { ...frame, function: this.#nameOf(frame, script, path, generated, caller), file };
    if (this.#isOtherSource(script, script.map, original.source, file)) {
      return { ...mapped, line: null, column: null, noLine: 'other-source' };
    }
    return { ...mapped, line: original.line, column: original.column + 1 };
  }

  /**
   * Does the source on disk differ from the one in the map? It was edited after the build, or the map starts from a
   * loader's output (webpack's `cheap-source-map`).
   */
  #isOtherSource(script: Script, map: TraceMap, source: string, file: string): boolean {
    let isOther = script.otherSources.get(source);
    if (isOther === undefined) {
      const content = sourceContentFor(map, source);
      const onDisk = content === null ? null : readSource(this.#locate(file));
      isOther = content !== null && onDisk !== null && plainText(content) !== plainText(onDisk);
      script.otherSources.set(source, isOther);
    }
    return isOther;
  }

  #nameOf(
    frame: RawFrame,
    script: Script,
    path: string,
    position: { line: number; column: number },
    caller: RawFrame | undefined,
  ): string | null {
    if (frame.function === null || frame.function.length > 500) return frame.function;
    if (script.map === null || script.map.names.length === 0) return frame.function;
    script.text ??= new GeneratedText(readSource(this.#locate(path)) ?? '');
    const call =
      caller !== undefined &&
      scriptPath(caller.file) === path &&
      caller.line !== null &&
      caller.column !== null
        ? { line: caller.line, column: caller.column }
        : null;
    // A recursion repeats the same request thousands of times.
    const key = `${position.line}:${position.column}:${call?.line}:${call?.column}:${frame.function}`;
    const known = script.names.get(key);
    if (known !== undefined) return known;
    const name = originalName(frame.function, script.text, script.map, position, call);
    script.names.set(key, name);
    return name;
  }

  #scriptOf(path: string): Script {
    const known = this.#scripts.get(path);
    if (known !== undefined) return known;
    const script = emptyScript();
    if (this.#scripts.size < MAX_SCRIPTS) {
      const loaded = loadSourceMap(path, this.#bytesLeft, this.#locate);
      this.#bytesLeft = Math.max(0, this.#bytesLeft - loaded.bytesRead);
      script.map = loaded.map;
      if (loaded.problem !== null) this.#note(loaded.problem);
      this.#scripts.set(path, script);
    }
    return script;
  }

  #note(code: CountedProblem): void {
    this.#problems.set(code, (this.#problems.get(code) ?? 0) + 1);
  }
}

type Script = {
  map: TraceMap | null;
  text: GeneratedText | null;
  names: Map<string, string>;
  otherSources: Map<string, boolean>;
};

function emptyScript(): Script {
  return { map: null, text: null, names: new Map(), otherSources: new Map() };
}

/** Tools differ in line endings and trailing newlines. */
function plainText(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd();
}

export const MAX_MAP_BYTES = 256 * 1024 * 1024;
const MAX_SCRIPTS = 200;
