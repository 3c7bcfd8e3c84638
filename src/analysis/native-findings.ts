import type { ReadSource } from '../formats/script-frames/verify-frames.ts';
import { scriptPath } from '../formats/script-name.ts';
import type { NativeCrash, ThreadStack } from '../model/crash-report.ts';
import type { Frame } from '../model/frame.ts';
import type { DumpProblem } from '../model/native-record.ts';
import type { JavaScriptCall, NativeFrame } from '../model/native-stack.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { type PlainProblem, type Problem, problem } from '../model/problem.ts';
import type { NativeInput } from './capture-input.ts';
import { foldRecursion } from './fold-recursion.ts';
import type { FrameResolver } from './frame-resolver.ts';
import { mergeJavaScript } from './merge-javascript.ts';
import { toFrames, type WorkerProgram } from './native-frames.ts';
import { isFunctionAt } from './source-evidence.ts';
import { TRANSPILED } from './true-positions.ts';

export type NativeFindings = { death: NativeCrash; frames: Frame[]; problems: Problem[] };

/** A debugger's capture as parts of a report. JavaScript calls are among those of machine code. */
export function nativeFindings(
  { record, stack, cxxExceptionType }: NativeInput,
  appRoot: string,
  resolver: FrameResolver,
  readSource: ReadSource,
): NativeFindings {
  const program: WorkerProgram = { executable: record.executable, appRoot };
  const [crashing, ...others] = stack.threads;
  const merged = mergeJavaScript(crashing?.frames ?? [], record.calls);
  const notAsOnDisk = transpiledScripts(record.calls, readSource);
  const runs = inRuns(merged).map((run) =>
    run.javaScript
      ? resolver.frames(
          run.calls.map((call) => rawFrame(call, readSource, notAsOnDisk)),
          'v8-heap',
        )
      : toFrames(run.frames, program),
  );
  return {
    death: {
      fault: record.fault,
      cxxExceptionType,
      registers: record.registers,
      otherThreads: alike(others.map(({ frames }) => toFrames(frames, program))),
    },
    frames: foldRecursion(runs.flat()),
    problems: [...dumpProblems(record), ...stack.problems],
  };
}

type Run = { javaScript: true; calls: JavaScriptCall[] } | { javaScript: false; frames: NativeFrame[] };

/** Source maps need each call's caller, so consecutive calls are mapped together. */
function inRuns(merged: readonly (NativeFrame | JavaScriptCall)[]): Run[] {
  const runs: Run[] = [];
  for (const frame of merged) {
    const last = runs.at(-1);
    if ('script' in frame) {
      if (last?.javaScript) last.calls.push(frame);
      else runs.push({ javaScript: true, calls: [frame] });
    } else if (last !== undefined && !last.javaScript) last.frames.push(frame);
    else runs.push({ javaScript: false, frames: [frame] });
  }
  return runs;
}

function rawFrame(
  call: JavaScriptCall,
  readSource: ReadSource,
  notAsOnDisk: ReadonlySet<string | null>,
): RawFrame {
  const path = scriptPath(call.script);
  const source = path === null || call.position === null ? null : readSource(path);
  const before = source?.slice(0, call.position ?? 0).split('\n') ?? [];
  const [line, column] =
    before.length === 0 ? [null, null] : [before.length, (before.at(-1) ?? '').length + 1];
  const frame: RawFrame = { function: call.function, file: call.script, line, column, async: false };
  return line !== null && notAsOnDisk.has(call.script)
    ? { ...frame, line: null, column: null, noLine: 'transpiled' }
    : frame;
}

/**
 * Files that Node transforms, unless every named function starts where V8 reports it: then nothing moved, as with Node's own
 * type stripping, also for unnamed functions.
 */
function transpiledScripts(
  calls: readonly JavaScriptCall[],
  readSource: ReadSource,
): ReadonlySet<string | null> {
  const moved = new Set<string | null>();
  for (const script of new Set(calls.map((call) => call.script))) {
    const path = scriptPath(script);
    if (path === null || !TRANSPILED.test(path)) continue;
    const source = readSource(path) ?? '';
    const named = calls.filter(
      (call) => call.script === script && call.function !== null && call.function !== '',
    );
    const isAsOnDisk = named.every((call) => isFunctionAt(source, call.position ?? 0, call.function));
    if (named.length === 0 || !isAsOnDisk) moved.add(script);
  }
  return moved;
}

/** Threads of a pool have equal stacks. */
function alike(stacks: readonly Frame[][]): ThreadStack[] {
  const groups = new Map<string, ThreadStack>();
  for (const frames of stacks) {
    const key = JSON.stringify(
      frames.map(({ native, function: name }) => [name, native?.image, native?.offset]),
    );
    const group = groups.get(key) ?? { count: 0, frames };
    group.count += 1;
    groups.set(key, group);
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}

function dumpProblems({ missingThreads, dumpProblems: cut, hasDump }: NativeInput['record']): Problem[] {
  const problems: Problem[] = [];
  if (!hasDump) problems.push(problem('dump-failed'));
  if (missingThreads > 0) problems.push(problem('threads-missing', missingThreads));
  for (const code of new Set(cut.map((name) => PROBLEM_OF[name]))) problems.push(problem(code));
  return problems;
}

const PROBLEM_OF: Readonly<Record<DumpProblem, PlainProblem>> = {
  'no-stack': 'dump-no-stack',
  'stack-cut': 'dump-stack-cut',
  'link-map-damaged': 'dump-libraries-damaged',
  'threads-left-out': 'dump-cut',
  'size-limit': 'dump-cut',
};
