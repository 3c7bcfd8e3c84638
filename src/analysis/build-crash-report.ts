import { type NodeDeath, parseNodeDeath } from '../formats/crash-output/node-death.ts';
import { parseThrowSite } from '../formats/crash-output/throw-site.ts';
import { verifiedThrowSite } from '../formats/script-frames/verify-frames.ts';
import { signalName } from '../formats/signals/signal-name.ts';
import type { CrashReport } from '../model/crash-report.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { Frame } from '../model/frame.ts';
import type { CandidateRecord } from '../model/probe-record.ts';
import { type Problem, problem, withoutRepeats } from '../model/problem.ts';
import { isJavaScript } from '../model/runtime.ts';
import { addonForOtherNode, addonOfStack } from './addon-package.ts';
import type { CaptureInput, NativeInput } from './capture-input.ts';
import { crashKind, ranOutOfMemory } from './crash-kind.ts';
import { causesOf, exceptionDetail } from './exception-detail.ts';
import { FrameResolver } from './frame-resolver.ts';
import { handlerFailure } from './handler-failure.ts';
import { memoryBeforeEnd } from './memory-before-end.ts';
import { nativeFindings } from './native-findings.ts';
import { pickCandidate } from './pick-candidate.ts';
import { recordedReport } from './recorded-report.ts';

/** Also where a debugger was attached to a worker without the probe. */
const NO_RECORDS: ReadonlySet<Problem['code']> = new Set(['no-record', 'not-armed']);

/** Makes the report of one crash from whatever was captured. Never throws because of its input. */
export function buildCrashReport(input: CaptureInput): CrashReport {
  const { id, app, instance, diedAtMs, status, appRoot, claim } = input;
  const death = parseNodeDeath(stderrText(input, 0));
  const outOfMemory = ranOutOfMemory(input.kind, status, death);
  const expected = { diedAtMs, status, kind: outOfMemory ? 'out-of-memory' : input.kind } as const;
  const picked = pickCandidate(input.candidates, expected, input.armed);
  const { candidate } = picked;
  if (claim !== null && !isJavaScript(claim.runtime) && candidate !== null && candidate.thrown !== null) {
    return recordedReport(input, claim, { ...candidate, thrown: candidate.thrown });
  }
  const resolver = new FrameResolver(input);
  const problems = [...input.problems];
  const isOfMemory = outOfMemory || input.kind === 'oom-kill';
  // Fatal signals and an exhausted memory leave no probe record.
  if (
    picked.problem !== null &&
    input.kind !== 'oom-kill' &&
    !((outOfMemory || input.native !== null) && NO_RECORDS.has(picked.problem))
  ) {
    problems.push(problem(picked.problem));
  }

  const thrown = candidate?.thrown ?? null;
  const exception = thrown === null ? null : exceptionDetail(thrown, (value) => resolver.framesOf(value));
  const causes = thrown === null ? [] : causesOf(thrown, (value) => resolver.framesOf(value));
  const native =
    input.native === null ? null : nativeFindings(input.native, appRoot, resolver, input.readSource);
  problems.push(...(native?.problems ?? []));
  const emitter = thrown?.emitter ?? null;
  const frames =
    candidate !== null && exception !== null
      ? withEmission(
          withThrowSite(exception.frames, candidate, input, resolver, problems),
          emitter === null ? [] : resolver.framesOfEmitter(emitter),
        )
      : framesWithoutException(candidate, death, resolver, native?.frames ?? []);
  const addon =
    thrown !== null
      ? addonForOtherNode(thrown, input.readSource)
      : native === null || outOfMemory
        ? undefined
        : addonOfStack(frames, input.readSource);
  const failed = candidate?.event === 'uncaught' && candidate.appHandles && isHandlerFailure(status);
  const failure = failed
    ? handlerFailure(stderrText(input, candidate.stderrOffset ?? 0), frames, resolver, input.readSource)
    : undefined;
  if (thrown !== null && !thrown.isError) problems.push(problem('thrown-no-error'));
  else if (thrown !== null && exception?.frames.length === 0 && frames.length === 0)
    problems.push(problem('no-frames'));

  const version = claim?.version ?? death.fatalTrailer;
  return {
    id,
    app,
    instance,
    diedAtMs,
    kind: crashKind(input.kind, status, candidate, death, input.readSource),
    // The first one: a handler can raise another, and a wrapper turns it into an exit code.
    signal: signalOf(input.native) ?? (status.type === 'signal' ? status.signal : null),
    exception,
    ...(emitter === null ? {} : { emitter: emitter.type }),
    ...(addon === undefined ? {} : { addon }),
    ...(failure === undefined ? {} : { handlerFailure: failure }),
    causes,
    frames,
    heap: outOfMemory
      ? {
          usedBytes: death.outOfMemory?.usedBytes ?? null,
          committedBytes: death.outOfMemory?.committedBytes ?? null,
          limitBytes: heapLimit(input, frames, death),
        }
      : null,
    ...(isOfMemory ? memoryBeforeEnd(input.memory, input.heapMemory, diedAtMs) : {}),
    native: native?.death ?? null,
    problems: withoutRepeats([...problems, ...resolver.problems()]),
    holdMs: Math.max(candidate?.tookMs ?? 0, input.native?.record.holdMs ?? 0),
    runtime: version === null ? null : { name: claim?.runtime ?? 'node', version: version.replace(/^v/, '') },
    source: 'capture',
    appRoot,
    workspaceRoot: input.workspaceRoot,
  };
}

/**
 * The main thread's heap limit. null for a worker thread's heap, which has another limit: known from the stack, or because
 * the full heap was much smaller.
 */
function heapLimit(input: CaptureInput, frames: readonly Frame[], death: NodeDeath): number | null {
  if (frames.some(({ function: name }) => name?.startsWith('node::worker::Worker::') ?? false)) return null;
  const limit = input.heapLimitBytes();
  const used = death.outOfMemory?.usedBytes ?? null;
  return limit !== null && used !== null && used < limit / 2 ? null : limit;
}

function signalOf(native: NativeInput | null): string | null {
  return native === null ? null : signalName(native.record.fault.signal);
}

/** The caller of exit or abort; without a record, the stack that Node printed before the abort. */
function framesWithoutException(
  candidate: CandidateRecord | null,
  death: NodeDeath,
  resolver: FrameResolver,
  native: readonly Frame[],
): Frame[] {
  const calls = candidate === null ? [] : resolver.frames(candidate.callerFrames, 'call-site');
  if (native.length > 0) return withCallSites(native, calls);
  if (calls.length > 0) return calls;
  return death.abort ? resolver.textFrames(death.abortFrames) : [];
}

/**
 * V8's heap has the start of each function; the probe has exact positions of the same calls. Both are the same stack,
 * innermost first; the probe's can be shorter.
 */
function withCallSites(native: readonly Frame[], calls: readonly Frame[]): Frame[] {
  let next = 0;
  return native.map((frame) => {
    if (frame.trust !== 'v8-heap') return frame;
    const found = calls.findIndex((call, index) => index >= next && isSameFunction(call, frame));
    const call = calls[found];
    if (call === undefined) return frame;
    next = found + 1;
    return call;
  });
}

/** V8 writes the class before a method name; its heap does not. */
function isSameFunction(call: Frame, frame: Frame): boolean {
  const name = call.function?.replace(/^(?:async |new )/, '').replace(/ \[as [^\]]*\]$/, '') ?? null;
  const last = name === null || /^<?anonymous>?$/.test(name) ? null : name.slice(name.lastIndexOf('.') + 1);
  return call.file === frame.file && last === (frame.function === '' ? null : frame.function);
}

/** Node's exit code for an exception in an uncaughtException handler. */
function isHandlerFailure(status: ExitStatus): boolean {
  return status.type === 'code' && status.code === 7;
}

/** If the stack has no frame of the app, the throw site is put before it. */
function withThrowSite(
  frames: Frame[],
  candidate: CandidateRecord,
  input: CaptureInput,
  resolver: FrameResolver,
  problems: Problem[],
): Frame[] {
  if (frames.some((frame) => frame.inApp) || candidate.stderrOffset === null) return frames;
  const site = parseThrowSite(stderrText(input, candidate.stderrOffset));
  if (site === null || site.file.startsWith('node:')) return frames;
  const vouched = verifiedThrowSite(site, input.readSource);
  if (vouched === null) {
    problems.push(problem('throw-site-unconfirmed'));
    return frames;
  }
  const [place] = resolver.frames([vouched], 'throw-site');
  if (place === undefined || frames.some((frame) => isSamePlace(place, frame))) return frames;
  return [place, ...frames];
}

function isSamePlace(one: Frame, other: Frame): boolean {
  const isKnown = one.file !== null && one.line !== null;
  return isKnown && one.file === other.file && one.line === other.line && one.column === other.column;
}

/** If the error's own stack has no frame of the app, the emitting calls follow, without common frames. */
function withEmission(frames: Frame[], emission: readonly Frame[]): Frame[] {
  if (frames.some((frame) => frame.inApp)) return frames;
  return [...frames, ...emission.filter((call) => !frames.some((frame) => isSamePlace(frame, call)))];
}

/** Standard error from this offset of the whole file; '' if the tail starts later. */
function stderrText({ stderr }: CaptureInput, from: number): string {
  if (stderr === null || (from !== 0 && from < stderr.offset)) return '';
  const bytes = stderr.bytes.subarray(Math.max(0, from - stderr.offset));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
