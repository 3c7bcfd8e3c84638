import { posix } from 'node:path';
import { RUBY_SOURCES } from '../formats/last-words/ruby/ruby-lines.ts';
import { believed, SourceVoucher } from '../formats/last-words/source-voucher.ts';
import type { CrashReport, ExceptionDetail } from '../model/crash-report.ts';
import type { Frame } from '../model/frame.ts';
import type { CandidateRecord, ClaimRecord, RawFrame, ThrownValue } from '../model/probe-record.ts';
import { type Problem, problem, withoutRepeats } from '../model/problem.ts';
import type { CaptureInput } from './capture-input.ts';
import { causesOf, exceptionDetail } from './exception-detail.ts';
import { foldRecursion } from './fold-recursion.ts';
import { originOf } from './origin/origins.ts';

const MAX_FRAMES = 200;

/**
 * Makes the report of an exception that a probe recorded in a runtime without V8: what the runtime says is the position in
 * the source. Never throws because of its input.
 */
export function recordedReport(
  input: CaptureInput,
  claim: ClaimRecord,
  candidate: CandidateRecord & { thrown: ThrownValue },
): CrashReport {
  const { id, app, instance, diedAtMs, appRoot, workspaceRoot } = input;
  const { thrown } = candidate;
  const stacks = new RecordedStacks(input, claim);
  const framesOf = (value: ThrownValue) => stacks.framesOf(value);
  const frames = framesOf(thrown);
  return {
    ...{ id, app, instance, diedAtMs, appRoot, workspaceRoot },
    kind: 'exception',
    signal: null,
    exception: detailOf(thrown, framesOf),
    causes: causesOf(thrown, framesOf),
    frames,
    heap: null,
    native: null,
    problems: withoutRepeats([
      ...input.problems,
      ...stacks.problems(),
      ...(frames.length === 0 ? [problem('no-frames')] : []),
    ]),
    holdMs: candidate.tookMs ?? 0,
    runtime: { name: claim.runtime, version: claim.version },
    source: 'capture',
  };
}

/** Perl's `die` needs no exception: a text is enough. */
function detailOf(thrown: ThrownValue, framesOf: (value: ThrownValue) => Frame[]): ExceptionDetail | null {
  return thrown.type === '' ? null : exceptionDetail(thrown, framesOf);
}

class RecordedStacks {
  readonly #input: CaptureInput;
  readonly #claim: ClaimRecord;
  readonly #voucher: SourceVoucher;
  #changed = 0;
  #dropped = 0;
  #cut = 0;

  constructor(input: CaptureInput, claim: ClaimRecord) {
    this.#input = input;
    this.#claim = claim;
    this.#voucher = new SourceVoucher((file) => input.readSource(this.#pathOf(file)), RUBY_SOURCES);
  }

  framesOf({ frameSource, frames }: ThrownValue): Frame[] {
    if (frameSource === 'none') return [];
    if (frameSource === 'call-site')
      return this.#folded(frames.map((frame) => this.#frame(frame, 'call-site')));
    // A stack that the app made can be any text: only what the sources confirm.
    const { calls, refuted, ambiguous } = believed(frames, (frame) => this.#voucher.check(frame), true);
    this.#dropped += refuted + ambiguous;
    return this.#folded(calls.map((frame) => this.#frame(frame, 'vouched-text')));
  }

  problems(): Problem[] {
    return [
      ...(this.#dropped > 0 ? [problem('text-frames-dropped', this.#dropped)] : []),
      ...(this.#changed > 0 ? [problem('lines-changed', this.#changed)] : []),
      ...(this.#cut > 0 ? [problem('frames-cut', this.#cut)] : []),
    ];
  }

  #frame(
    { function: name, line, file }: Pick<RawFrame, 'function' | 'line' | 'file'>,
    trust: 'call-site' | 'vouched-text',
  ): Frame {
    const { scripts, appRoot } = this.#input;
    const path = file === null ? null : this.#pathOf(file);
    const changedAtMs = path === null ? null : scripts.changedAtMs(path);
    const isChanged = changedAtMs !== null && changedAtMs > this.#claim.atMs;
    if (isChanged) this.#changed++;
    const call = { function: name, file: changedAtMs === null ? this.#nameOf(file) : path, column: null };
    return {
      ...{ ...call, line: changedAtMs === null || isChanged ? null : line },
      ...originOf(this.#claim.runtime, call, { appRoot }),
      ...{ repeat: 1, trust },
      ...(isChanged ? { noLine: 'changed' as const } : {}),
    };
  }

  #folded(frames: readonly Frame[]): Frame[] {
    const folded = foldRecursion(frames);
    this.#cut += Math.max(0, folded.length - MAX_FRAMES);
    return folded.slice(0, MAX_FRAMES);
  }

  /**
   * Of a script that cannot be read. `compile`, `eval` and `#line` let the app choose any name, e.g. of a customer: one without a
   * file, an archive or compiled code is dropped. Which names are the language's only redaction knows.
   */
  #nameOf(file: string | null): string | null {
    if (file === null || /^[<(-]/.test(file)) return file;
    const path = this.#pathOf(file);
    const { isOnDisk } = this.#input;
    return isOnDisk(path) || isOnDisk(`${path}c`) ? file : '…';
  }

  /** Names of scripts can be relative to where the worker started. */
  #pathOf(file: string): string {
    return /^[</(-]/.test(file) ? file : posix.join(this.#claim.cwd, file);
  }
}
