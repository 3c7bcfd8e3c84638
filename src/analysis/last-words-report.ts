import type { CrashReport, ExceptionDetail } from '../model/crash-report.ts';
import type { CrashKind, ExitStatus } from '../model/exit.ts';
import { formName } from '../model/form-names.ts';
import type { Frame } from '../model/frame.ts';
import type { LastWords, PrintedError, Proof, VouchedCall } from '../model/last-words.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { type Problem, problem, withoutRepeats } from '../model/problem.ts';
import { isJavaScript, type Runtime } from '../model/runtime.ts';
import type { CaptureInput } from './capture-input.ts';
import { foldRecursion } from './fold-recursion.ts';
import { FrameResolver } from './frame-resolver.ts';
import { originOf } from './origin/origins.ts';
import { TRANSPILED } from './true-positions.ts';

/** Last words, and what is known of the exit. Plain data, except the members through which analysis reads files. */
export type LastWordsInput = Pick<
  CaptureInput,
  | 'id'
  | 'app'
  | 'instance'
  | 'diedAtMs'
  | 'status'
  | 'appRoot'
  | 'workspaceRoot'
  | 'problems'
  | 'symbols'
  | 'readSource'
  | 'isOnDisk'
  | 'scripts'
> & {
  /** Of the verdict after the words were read. */
  kind: CrashKind;
  runtime: Runtime;
  words: LastWords;
  proof: Proof;
  startedAtMs: number;
  /** What the executable says of itself: version of its runtime, path of its main module. */
  executable?: { version: string | null; module: string | null } | null;
  /** Absolute path of a printed file name. */
  pathOf: (file: string) => string | null;
};

const MAX_FRAMES = 200;

/** Makes the report of a crash from what its runtime printed last. Never throws because of its input. */
export function lastWordsReport(input: LastWordsInput): CrashReport {
  const { words, runtime } = input;
  const stacks = isJavaScript(runtime) ? new ScriptStacks(input) : new PrintedStacks(input);
  const type = words.error.type ?? formName(runtime, words.form);
  const exception = type === null ? null : detailOf(words.error, type, stacks);
  const frames = stacks.frames(words.error.calls);
  const causes = words.causes.map((cause) => detailOf(cause, cause.type ?? '', stacks));
  return {
    id: input.id,
    app: input.app,
    instance: input.instance,
    diedAtMs: input.diedAtMs,
    kind: input.kind,
    signal:
      input.kind === 'fault'
        ? (words.signal ?? signalOf(input.status))
        : (signalOf(input.status) ?? words.signal),
    exception,
    causes,
    frames,
    heap: null,
    native: null,
    problems: withoutRepeats([...input.problems, ...problemsOf(input, frames), ...stacks.problems()]),
    holdMs: 0,
    runtime: { name: runtime, version: words.version ?? input.executable?.version ?? null },
    source: 'last-words',
    proof: input.proof,
    appRoot: input.appRoot,
    workspaceRoot: input.workspaceRoot,
  };
}

/** Of one language's calls. */
type Stacks = { frames(calls: readonly VouchedCall[]): Frame[]; problems(): Problem[] };

function detailOf(error: PrintedError, type: string, stacks: Stacks): ExceptionDetail {
  return {
    type,
    code: error.code ?? null,
    // The log has it in the text.
    message: '',
    messageLength: 0,
    frames: stacks.frames(error.calls),
    members: error.members.map((member) => detailOf(member, member.type ?? '', stacks)),
    membersTotal: error.members.length,
  };
}

/** `-XX:+ExitOnOutOfMemoryError` exits without a report. */
function problemsOf({ words, runtime }: LastWordsInput, frames: readonly Frame[]): Problem[] {
  const { error, causes } = words;
  const all = [error, ...causes].flatMap(function withMembers(one): PrintedError[] {
    return [one, ...one.members.flatMap(withMembers)];
  });
  const count = (of: (error: PrintedError) => number) => all.reduce((sum, one) => sum + of(one), 0);
  const isUnchecked = ({ vouched, line }: VouchedCall) => vouched === null && line !== null;
  const counts = [
    ['printed-calls-refuted', count(({ refuted }) => refuted)],
    ['printed-calls-ambiguous', count(({ ambiguous = 0 }) => ambiguous)],
    ['printed-calls-unchecked', count(({ calls }) => calls.filter(isUnchecked).length)],
    ['frames-cut', count(({ cut }) => cut)],
  ] as const;
  return [
    ...(frames.length === 0 && words.form !== 'exit-on-out-of-memory'
      ? [problem(isHot(error, runtime) ? 'jvm-omits-stack' : 'printed-no-calls')]
      : []),
    ...counts.flatMap(([code, found]) => (found > 0 ? [problem(code, found)] : [])),
  ];
}

/** HotSpot's compiler makes these without a stack where they are thrown often (OmitStackTraceInFastThrow). */
const HOT = /^java\.lang\.(?:NullPointer|Arithmetic|ArrayIndexOutOfBounds|ArrayStore|ClassCast)Exception$/;

function isHot({ type, refuted, ambiguous = 0 }: PrintedError, runtime: Runtime): boolean {
  return runtime === 'java' && refuted + ambiguous === 0 && HOT.test(type ?? '');
}

function signalOf(status: ExitStatus): string | null {
  return status.type === 'signal' ? status.signal : null;
}

/** Calls of V8: as in a capture, so that both have one signature. */
class ScriptStacks implements Stacks {
  readonly #resolver: FrameResolver;
  readonly #printsSources: boolean;

  constructor(input: LastWordsInput) {
    // Deno and Bun print positions in the source.
    this.#printsSources = input.runtime !== 'node';
    this.#resolver = new FrameResolver({ ...input, claim: { atMs: input.startedAtMs } });
  }

  frames(calls: readonly VouchedCall[]): Frame[] {
    const raw = calls.map(({ vouched, shown, ...call }): RawFrame => {
      const isSource = this.#printsSources || (shown === true && TRANSPILED.test(call.file ?? ''));
      return { ...call, ...placeOf(call, vouched), async: false, ...(isSource ? { isMapped: true } : {}) };
    });
    return this.#resolver.frames(raw, 'vouched-text');
  }

  problems(): Problem[] {
    return this.#resolver.problems();
  }
}

/** Calls of any other runtime: what it printed is the position in the source. */
class PrintedStacks implements Stacks {
  readonly #input: LastWordsInput;
  #cut = 0;

  constructor(input: LastWordsInput) {
    this.#input = input;
  }

  frames(calls: readonly VouchedCall[]): Frame[] {
    const { runtime, pathOf, appRoot, executable } = this.#input;
    const frames = calls.map(({ vouched, ...printed }): Frame => {
      const path = vouched === true && printed.file !== null ? pathOf(printed.file) : null;
      const call = { ...printed, file: path ?? printed.file };
      return {
        ...{ function: call.function, file: call.file, ...placeOf(call, vouched) },
        ...originOf(runtime, call, { appRoot, mainModule: executable?.module ?? null }),
        ...{ repeat: 1, trust: vouched === true ? 'vouched-text' : 'printed' },
      };
    });
    const folded = foldRecursion(frames);
    this.#cut += Math.max(0, folded.length - MAX_FRAMES);
    return folded.slice(0, MAX_FRAMES);
  }

  problems(): Problem[] {
    return this.#cut > 0 ? [problem('frames-cut', this.#cut)] : [];
  }
}

/** A line is shown only if the call was found in what the program is made of. */
function placeOf(
  { line, column }: Pick<VouchedCall, 'line' | 'column'>,
  vouched: true | null,
): { line: number | null; column: number | null } {
  return vouched === true ? { line, column } : { line: null, column: null };
}
