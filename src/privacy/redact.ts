import type {
  CrashReport,
  ExceptionDetail,
  HeapStatistics,
  NativeCrash,
  ThreadStack,
} from '../model/crash-report.ts';
import { CRASH_KINDS } from '../model/exit.ts';
import { FRAME_TRUSTS, type Frame, type NativePlace, NO_LINE_REASONS } from '../model/frame.ts';
import { PROOFS } from '../model/last-words.ts';
import { isProblemCode, type Problem, problem, withoutRepeats } from '../model/problem.ts';
import { readProblem } from '../model/read-problem.ts';
import type { RedactedException, RedactedReport } from '../model/redacted-report.ts';
import { REPORT_SOURCES } from '../model/report-source.ts';
import type { Runtime } from '../model/runtime.ts';
import { branded } from './brand.ts';
import {
  MAX_CAUSES,
  MAX_DEPTH,
  MAX_FRAMES,
  MAX_MEMBERS,
  MAX_PROBLEMS,
  MAX_THREAD_FRAMES,
  MAX_THREAD_GROUPS,
  MAX_THREADS,
} from './limits.ts';
import { publicAddon } from './public-addon.ts';
import { publicCxxType } from './public-cxx-type.ts';
import { publicMemory } from './public-memory.ts';
import { publicCode, publicType } from './public-names.ts';
import { publicImage, publicNativeFunction, publicNativeSource } from './public-native.ts';
import { publicRuntime } from './public-runtime.ts';
import { publicBuildId, publicOffset, redactFault } from './redact-native.ts';
import { type FilePlace, publicRuntimeFile } from './runtime-files.ts';
import { publicLibrary, publicRuntimeFunction, publicRuntimeType } from './runtime-names.ts';

/**
 * The report that may leave the instance, built from an allow-list of fields. What looks like more than a name is null, and a
 * problem says so without quoting it.
 */
export function redact(report: CrashReport): RedactedReport {
  const redaction = new Redaction(report);
  const { exception, native } = report;
  const frames = redaction.frames(report.frames);
  const exceptionType = exception === null ? redaction.cxxType(native) : redaction.type(exception.type);
  const code = exception === null ? null : redaction.code(exception.code, exception.type);
  const causes = report.causes.slice(0, MAX_CAUSES).map((cause) => redaction.exception(cause, 0));
  const members = (exception?.members ?? []).slice(0, MAX_MEMBERS).map((m) => redaction.exception(m, 1));
  return branded({
    id: /^[0-9a-f]{1,32}$/.test(report.id) ? report.id : '',
    app: oneLine(report.app),
    instance: oneLine(report.instance),
    diedAt: new Date(number(report.diedAtMs) ?? 0).toISOString(),
    kind: CRASH_KINDS.find((kind) => kind === report.kind) ?? 'exception',
    exceptionType,
    code,
    signal: matching(report.signal, /^SIG[A-Z0-9+]{2,12}$/),
    frames,
    ...(report.emitter === undefined ? {} : { emitter: publicType(report.emitter) }),
    ...publicAddon(report.addon),
    ...(report.handlerFailure === undefined
      ? {}
      : { handlerFailure: redaction.handlerFailure(report.handlerFailure) }),
    causes,
    members,
    heap: redactHeap(report.heap),
    ...publicMemory(report.memory),
    fault: native === null ? null : redactFault(native.fault),
    otherThreads: redaction.threads(native?.otherThreads ?? []),
    runtime: publicRuntime(report.runtime),
    source: REPORT_SOURCES.find((source) => source === report.source) ?? 'capture',
    ...proofOf(report),
    problems: redaction.problems(report.problems),
    hold: { ms: number(report.holdMs) ?? 0 },
  });
}

class Redaction {
  readonly #appRoot: string;
  readonly #workspaceRoot: string | null;
  /** Its rules apply to names. */
  readonly #runtime: Runtime;
  readonly #problems: Problem[] = [];
  #withheldNames = 0;
  #cutFrames = 0;
  #cutThreads = 0;

  constructor({ appRoot, workspaceRoot, runtime }: CrashReport) {
    this.#appRoot = appRoot;
    this.#workspaceRoot = workspaceRoot;
    this.#runtime = publicRuntime(runtime)?.name ?? 'node';
  }

  handlerFailure({ type, frames }: NonNullable<CrashReport['handlerFailure']>): RedactedException {
    const exceptionType = type === null ? null : publicType(type);
    return { exceptionType, code: null, frames: this.frames(frames), members: [] };
  }

  exception(detail: ExceptionDetail, depth: number): RedactedException {
    return {
      exceptionType: this.type(detail.type),
      code: this.code(detail.code, detail.type),
      frames: this.frames(detail.frames),
      members:
        depth < MAX_DEPTH
          ? detail.members.slice(0, MAX_MEMBERS).map((member) => this.exception(member, depth + 1))
          : [],
    };
  }

  frames(frames: readonly Frame[], limit = MAX_FRAMES): Frame[] {
    this.#cutFrames += Math.max(0, frames.length - limit);
    return frames.slice(0, limit).map((frame) => this.#frame(frame));
  }

  threads(groups: readonly ThreadStack[]): ThreadStack[] {
    for (const { count } of groups.slice(MAX_THREAD_GROUPS)) this.#cutThreads += threadCount(count);
    return groups.slice(0, MAX_THREAD_GROUPS).map(({ count, frames }) => ({
      count: threadCount(count),
      frames: this.frames(frames, MAX_THREAD_FRAMES),
    }));
  }

  /** Last words may name none. */
  type(type: string): string | null {
    return type === '' ? null : this.#orWithheld(publicRuntimeType(type, this.#runtime));
  }

  cxxType(native: NativeCrash | null): string | null {
    if (native === null || native.cxxExceptionType === null) return null;
    return this.#orWithheld(publicCxxType(native.cxxExceptionType, native.fault.cxxExceptionType));
  }

  code(code: string | null, type: string): string | null {
    if (code === null) return null;
    const name = publicCode(code, type);
    if (name === null) this.#problems.push(problem('code-withheld'));
    return name;
  }

  /** The report's own that have a known code, and what redaction adds. */
  problems(given: readonly Problem[]): Problem[] {
    const known = given.map(readProblem).filter(({ code }) => isProblemCode(code) && code !== 'withheld');
    if (known.length < given.length) this.#problems.push(problem('more-in-log'));
    if (this.#cutFrames > 0) this.#problems.push(problem('frames-cut', this.#cutFrames));
    if (this.#cutThreads > 0) this.#problems.push(problem('threads-cut', this.#cutThreads));
    if (this.#withheldNames > 0) this.#problems.push(problem('names-withheld', this.#withheldNames));
    return withoutRepeats([...known, ...this.#problems]).slice(0, MAX_PROBLEMS);
  }

  #frame(frame: Frame): Frame {
    const isUnverified = frame.trust === 'printed';
    const rest = {
      line: isUnverified ? null : number(frame.line),
      column: isUnverified ? null : number(frame.column),
      inApp: frame.inApp === true,
      repeat: number(frame.repeat) ?? 1,
      trust: FRAME_TRUSTS.find((trust) => trust === frame.trust) ?? 'vouched-text',
    };
    const { native } = frame;
    // A module of null would make it the app's own.
    if (native === undefined) {
      return {
        function: this.#name(frame.function, (name) => publicRuntimeFunction(name, this.#runtime)),
        file: this.#name(frame.file, (file) => publicRuntimeFile(file, this.#placeOf(frame))),
        module: frame.module === null ? null : (publicLibrary(frame.module, this.#runtime) ?? 'unknown'),
        ...rest,
        ...whyNoLine(frame),
        ...wasmPlace(frame),
      };
    }
    const place = this.#place(native);
    // A module is named after its image.
    const isNameless = native.image !== null && place.image === null;
    const moduleName = frame.module === null || isNameless ? null : publicImage(frame.module, '');
    return {
      function: this.#name(frame.function, publicNativeFunction),
      file: this.#name(frame.file, (file) => publicNativeSource(file, this.#appRoot)),
      module: frame.module === null ? null : (moduleName ?? 'unknown'),
      ...rest,
      native: place,
    };
  }

  #placeOf({ trust }: Frame): FilePlace {
    return {
      runtime: this.#runtime,
      appRoot: this.#appRoot,
      workspaceRoot: this.#workspaceRoot,
      isVouched: trust !== 'printed' && trust !== 'sender-text',
    };
  }

  #place({ image, offset, buildId, inlined }: NativePlace): NativePlace {
    return {
      image: this.#name(image, (name) => publicImage(name, this.#appRoot)),
      offset: image === null ? null : publicOffset(offset),
      buildId: publicBuildId(buildId),
      inlined: inlined === true,
    };
  }

  #orWithheld(type: string | null): string | null {
    if (type === null) this.#problems.push(problem('type-withheld'));
    return type;
  }

  #name(name: string | null, publicName: (name: string) => string | null): string | null {
    if (name === null) return null;
    const result = publicName(name);
    if (result === null) this.#withheldNames++;
    return result;
  }
}

function proofOf({ source, proof }: CrashReport): Pick<RedactedReport, 'proof'> {
  const known = source === 'last-words' ? PROOFS.find((one) => one === proof) : undefined;
  return known === undefined ? {} : { proof: known };
}

function whyNoLine({ noLine }: Frame): Pick<Frame, 'noLine'> {
  const known = NO_LINE_REASONS.find((reason) => reason === noLine);
  return known === undefined ? {} : { noLine: known };
}

function wasmPlace({ wasm }: Frame): Pick<Frame, 'wasm'> {
  if (wasm === undefined) return {};
  const functionIndex = number(wasm.functionIndex);
  const byteOffset = number(wasm.byteOffset);
  return functionIndex === null || byteOffset === null ? {} : { wasm: { functionIndex, byteOffset } };
}

function redactHeap(heap: HeapStatistics | null): HeapStatistics | null {
  if (heap === null) return null;
  return {
    usedBytes: number(heap.usedBytes),
    committedBytes: number(heap.committedBytes),
    limitBytes: number(heap.limitBytes),
  };
}

function threadCount(count: number): number {
  return Math.min(Math.max(1, number(count) ?? 1), MAX_THREADS);
}

function matching(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null;
}

/** Names that the operator chose. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').slice(0, 200);
}

function number(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(Math.round(value)) && value >= 0 ? Math.round(value) : null;
}
