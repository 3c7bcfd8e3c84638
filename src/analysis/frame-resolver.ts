import { posix } from 'node:path';
import { type ReadSource, verifiedFrames } from '../formats/script-frames/verify-frames.ts';
import { scriptPath } from '../formats/script-name.ts';
import { type Frame, type FrameTrust, NO_LINE_REASONS, type NoLineReason } from '../model/frame.ts';
import type { RawFrame, ThrownValue } from '../model/probe-record.ts';
import { type Problem, problem } from '../model/problem.ts';
import type { CaptureInput, FrameSymbols } from './capture-input.ts';
import { foldRecursion } from './fold-recursion.ts';
import { frameOrigin } from './frame-origin.ts';
import type { ThrownHint } from './source-evidence.ts';
import { TruePositions } from './true-positions.ts';

type ResolverInput = Pick<CaptureInput, 'appRoot' | 'symbols' | 'readSource' | 'isOnDisk' | 'scripts'> & {
  /** When the process was first seen. */
  claim: { atMs: number } | null;
};

/** Turns recorded frames into frames of the report, and collects problems. */
export class FrameResolver {
  readonly #appRoot: string;
  readonly #symbols: FrameSymbols;
  readonly #readSource: ReadSource;
  readonly #isOnDisk: (path: string) => boolean;
  readonly #positions: TruePositions;
  #symbolsFailed = false;
  readonly #withoutLine: Record<NoLineReason, number> = { transpiled: 0, changed: 0, 'other-source': 0 };
  #dropped = 0;
  #cut = 0;

  constructor({ appRoot, symbols, readSource, isOnDisk, scripts, claim }: ResolverInput) {
    this.#appRoot = appRoot;
    this.#symbols = symbols;
    this.#readSource = readSource;
    this.#isOnDisk = isOnDisk;
    this.#positions = new TruePositions(scripts, readSource, claim?.atMs ?? null);
  }

  /** Frames of a thrown value: mapped, with origin, folded. Text is verified first. */
  framesOf(thrown: ThrownValue): Frame[] {
    if (thrown.frameSource === 'text') return this.textFrames(thrown.frames, thrown);
    return thrown.frameSource === 'none' ? [] : this.frames(thrown.frames, 'call-site', thrown);
  }

  /** The calls that emitted an 'error' event. */
  framesOfEmitter({ frameSource, frames }: NonNullable<ThrownValue['emitter']>): Frame[] {
    if (frameSource === 'text') return this.textFrames(frames);
    return frameSource === 'none' ? [] : this.frames(frames, 'call-site');
  }

  textFrames(frames: readonly RawFrame[], thrown: ThrownHint | null = null): Frame[] {
    const vouched = verifiedFrames(frames, this.#readSource);
    this.#dropped += vouched.dropped;
    return this.frames(vouched.frames, 'vouched-text', thrown);
  }

  frames(raw: readonly RawFrame[], trust: FrameTrust, thrown: ThrownHint | null = null): Frame[] {
    const named = raw.slice(0, MAX_RAW_FRAMES).map((frame) => this.#withTrueName(frame));
    const placed = this.#positions.of(named, trust, thrown);
    const mapped = this.#mapped(placed);
    for (const { noLine } of mapped) if (noLine !== undefined) this.#withoutLine[noLine]++;
    const frames = mapped.map((frame) => ({
      function: frame.function,
      file: frame.file,
      line: frame.line,
      column: frame.column,
      ...frameOrigin(frame.file, this.#appRoot),
      repeat: 1,
      trust,
      ...(frame.wasm === undefined ? {} : { wasm: frame.wasm }),
      ...(frame.noLine === undefined ? {} : { noLine: frame.noLine }),
    }));
    const folded = foldRecursion(frames);
    this.#cut += Math.max(0, folded.length - MAX_FRAMES) + Math.max(0, raw.length - MAX_RAW_FRAMES);
    return folded.slice(0, MAX_FRAMES);
  }

  problems(): Problem[] {
    const problems = this.#symbolsFailed ? [problem('symbols-failed')] : [];
    if (this.#dropped > 0) problems.push(problem('text-frames-dropped', this.#dropped));
    for (const reason of NO_LINE_REASONS) {
      const count = this.#withoutLine[reason];
      if (count > 0) problems.push(problem(`lines-${reason}`, count));
    }
    if (this.#cut > 0) problems.push(problem('frames-cut', this.#cut));
    return [...problems, ...this.#symbols.problems()];
  }

  /**
   * `vm.Script` and `//# sourceURL=` let the app choose any script name, e.g. of a customer. A name without a file is dropped.
   */
  #withTrueName(frame: RawFrame): RawFrame {
    if (frame.file === null) return frame;
    if (BUNDLER.test(frame.file)) return this.#evaluated(frame, frame.file);
    if (OTHERWISE_JUDGED.test(frame.file)) return frame;
    const path = scriptPath(frame.file);
    return path !== null && this.#isOnDisk(path) ? frame : { ...frame, file: 'evalmachine.<anonymous>' };
  }

  /** Code that a bundler evaluates has the name of a module but other text, so its positions are meaningless. */
  #evaluated(frame: RawFrame, name: string): RawFrame {
    const module = MODULE.exec(name)?.[1];
    const path = module === undefined ? null : posix.join(this.#appRoot, posix.join('/', module));
    const isNamed = name.startsWith('webpack:');
    const file = path !== null && this.#isOnDisk(path) ? path : isNamed ? name : 'evalmachine.<anonymous>';
    return { ...frame, file, line: null, column: null, noLine: 'transpiled' };
  }

  #mapped(raw: readonly RawFrame[]): RawFrame[] {
    try {
      return this.#symbols.mapFrames(raw);
    } catch {
      this.#symbolsFailed = true;
      return [...raw];
    }
  }
}

const BUNDLER = /^webpack(?:-internal)?:/;
/** `webpack-internal:///./src/cart.ts`, `webpack://shop/./src/cart.ts?1f2e`. */
const MODULE = /^webpack(?:-internal)?:\/\/[^/]{0,200}\/(?:\([\w-]{1,40}\)\/)?\.\/([^?]{1,1000})/;

/** Names that are not paths; redaction decides which are public. */
const OTHERWISE_JUDGED =
  /^(?:node:|native$|eval at |\[eval\]|\[stdin\]$|<anonymous>$|(?:https?|data|blob|wasm|webpack):)/;

/** With a raised `Error.stackTraceLimit`, a recursion has as many frames as the stack holds. */
const MAX_RAW_FRAMES = 20_000;
const MAX_FRAMES = 200;
