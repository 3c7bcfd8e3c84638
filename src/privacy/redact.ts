import type { CrashReport, ExceptionDetail, HeapStatistics } from '../model/crash-report.ts';
import { CRASH_KINDS } from '../model/exit.ts';
import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES, type PublicFault } from '../model/fault.ts';
import { FRAME_TRUSTS, type Frame, type NativePlace } from '../model/frame.ts';
import { isKnownProblem, problem } from '../model/problem.ts';
import type { RedactedException, RedactedReport } from '../model/redacted-report.ts';
import { branded } from './brand.ts';
import { publicFile } from './public-file.ts';
import { publicCode, publicFunction, publicModule, publicType } from './public-names.ts';
import { publicImage, publicNativeFunction, publicNativeSource } from './public-native.ts';

/**
 * The report that may leave the instance, built field by field from what is allowed: nothing passes because nobody
 * thought of it. Whatever looks like more than a name is null, and a problem says so without repeating it.
 */
export function redact(report: CrashReport): RedactedReport {
  const redaction = new Redaction(report.appRoot);
  const { exception } = report;
  const frames = redaction.frames(report.frames);
  const exceptionType = exception === null ? null : redaction.type(exception.type);
  const code = exception === null ? null : redaction.code(exception.code);
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
    causes,
    members,
    heap: redactHeap(report.heap),
    fault: report.native === null ? null : redactFault(report.native.fault),
    otherThreads: (report.native?.otherThreads ?? [])
      .slice(0, MAX_THREADS)
      .map(({ count, frames: stack }) => ({
        count: number(count) ?? 1,
        frames: redaction.frames(stack),
      })),
    nodeVersion: matching(
      report.nodeVersion,
      /^v\d{1,3}\.\d{1,3}\.\d{1,3}(?:-(?:nightly|rc|canary|test)[.\d]{0,12})?$/,
    ),
    problems: redaction.problems(report.problems),
    hold: { ms: number(report.holdMs) ?? 0 },
  });
}

const MAX_FRAMES = 100;
const MAX_CAUSES = 8;
const MAX_MEMBERS = 10;
const MAX_DEPTH = 3;
const MAX_THREADS = 32;

class Redaction {
  readonly #appRoot: string;
  readonly #problems = new Set<string>();
  #withheldNames = 0;
  #cutFrames = 0;

  constructor(appRoot: string) {
    this.#appRoot = appRoot;
  }

  exception(detail: ExceptionDetail, depth: number): RedactedException {
    return {
      exceptionType: this.type(detail.type),
      code: this.code(detail.code),
      frames: this.frames(detail.frames),
      members:
        depth < MAX_DEPTH
          ? detail.members.slice(0, MAX_MEMBERS).map((member) => this.exception(member, depth + 1))
          : [],
    };
  }

  frames(frames: readonly Frame[]): Frame[] {
    this.#cutFrames += Math.max(0, frames.length - MAX_FRAMES);
    return frames.slice(0, MAX_FRAMES).map((frame) => this.#frame(frame));
  }

  type(type: string): string | null {
    const name = publicType(type);
    if (name === null) this.#problems.add(problem('type-withheld'));
    return name;
  }

  code(code: string | null): string | null {
    if (code === null) return null;
    const name = publicCode(code);
    if (name === null) this.#problems.add(problem('code-withheld'));
    return name;
  }

  /** The report's own that are known sentences, and what redaction adds. */
  problems(given: readonly string[]): string[] {
    const known = given.filter(isKnownProblem);
    if (known.length < given.length) this.#problems.add(problem('more-in-log'));
    if (this.#cutFrames > 0) this.#problems.add(problem('frames-cut', this.#cutFrames));
    if (this.#withheldNames > 0) this.#problems.add(problem('names-withheld', this.#withheldNames));
    return [...new Set([...known, ...this.#problems])].slice(0, 50);
  }

  #frame(frame: Frame): Frame {
    const rest = {
      line: number(frame.line),
      column: number(frame.column),
      inApp: frame.inApp === true,
      repeat: number(frame.repeat) ?? 1,
      trust: FRAME_TRUSTS.find((trust) => trust === frame.trust) ?? 'vouched-text',
    };
    const { native } = frame;
    // A module of null would make it the app's own.
    if (native === undefined) {
      return {
        function: this.#name(frame.function, publicFunction),
        file: this.#name(frame.file, (file) => publicFile(file, this.#appRoot)),
        module: frame.module === null ? null : (publicModule(frame.module) ?? 'unknown'),
        ...rest,
      };
    }
    return {
      function: this.#name(frame.function, publicNativeFunction),
      file: this.#name(frame.file, (file) => publicNativeSource(file, this.#appRoot)),
      module: frame.module === null ? null : (publicImage(frame.module, '') ?? 'unknown'),
      ...rest,
      native: this.#place(native),
    };
  }

  #place({ image, offset, buildId, inlined }: NativePlace): NativePlace {
    return {
      image: this.#name(image, (name) => publicImage(name, this.#appRoot)),
      offset: image === null ? null : matching(offset, /^0x[0-9a-f]{1,16}$/),
      buildId: matching(buildId, /^[0-9a-f]{2,128}$/),
      inlined: inlined === true,
    };
  }

  #name(name: string | null, publicName: (name: string) => string | null): string | null {
    if (name === null) return null;
    const result = publicName(name);
    if (result === null) this.#withheldNames++;
    return result;
  }
}

function redactHeap(heap: HeapStatistics | null): HeapStatistics | null {
  if (heap === null) return null;
  return {
    usedBytes: number(heap.usedBytes),
    committedBytes: number(heap.committedBytes),
    limitBytes: number(heap.limitBytes),
  };
}

function redactFault(fault: PublicFault): PublicFault {
  return {
    summary: FAULT_SUMMARIES.find((summary) => summary === fault.summary) ?? 'other-signal',
    siCode: Number.isInteger(fault.siCode) ? fault.siCode : null,
    addressClass: ADDRESS_CLASSES.find((name) => name === fault.addressClass) ?? null,
    systemCall: number(fault.systemCall),
    abortKind: ABORT_KINDS.find((kind) => kind === fault.abortKind) ?? null,
  };
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
