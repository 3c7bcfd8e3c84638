import { statSync } from 'node:fs';
import type { TextFrame } from '../../formats/stack-text/stack-text.ts';
import type { NativeFrame, NativeStack, NativeThread } from '../../model/native-stack.ts';
import { type Problem, problem } from '../../model/problem.ts';
import { buildIdFiles, fileAt, type OtherRoot } from './build-id-files.ts';
import { readMappedFiles } from './core-file.ts';
import type { CoreRequest, Debuginfod } from './core-request.ts';
import { demangle } from './demangle.ts';
import { runEuStack } from './eu-stack-command.ts';
import { runGdb } from './gdb-command.ts';
import { isRust, withInlinedCalls } from './inlined-calls.ts';
import { type StepBack, stepBack } from './jump-into-nowhere.ts';
import { nativeFrames } from './native-frames.ts';
import type { ToolLimits } from './run-tool.ts';
import type { Unwound } from './unwound.ts';

export type UnwindOptions = {
  /** Absolute path of a core file; changed for a moment if the process jumped to an address without code. */
  corePath: string;
  /** Absolute path of the program that the process ran. */
  executable: string;
  /** Where its files are if it had another root directory; default: that of this process. */
  otherRoot?: OtherRoot | null;
  /** Per thread, inlined ones included; default 64, at most 256: an exhausted stack has a hundred thousand. */
  maxFrames?: number;
  /** For all tools together, in milliseconds. */
  timeoutMs: number;
  /** Default: only the crashing thread. */
  allThreads?: boolean;
  /** Address space of a tool besides the core, in bytes; default 2 GiB. */
  memoryBytes?: number;
  signal?: AbortSignal;
  /** Fetch debug information that is not on this machine; default: no network access. */
  debuginfod?: Debuginfod | null;
};

/**
 * Stacks from a core file, by eu-stack, and by gdb if that found next to nothing.
 * Rust's inlined functions, which eu-stack does not see, are addr2line's, or gdb's where that is missing. Names are demangled by c++filt, and stay as they are without it. Never throws: what could not be had is a problem.
 */
export async function unwindCore(options: UnwindOptions): Promise<NativeStack> {
  const deadline = performance.now() + options.timeoutMs;
  const request: CoreRequest = {
    corePath: options.corePath,
    executable: options.executable,
    buildIds: null,
    maxFrames: Math.min(Math.max(1, Math.trunc(options.maxFrames ?? 64)), MAX_FRAMES),
    allThreads: options.allThreads ?? false,
    debuginfod: options.debuginfod ?? null,
  };
  const limits = (share: number): ToolLimits => ({
    timeoutMs: Math.max(1, (deadline - performance.now()) * share),
    memoryBytes: (options.memoryBytes ?? 2 * 1024 ** 3) + fileSize(options.corePath),
    outputBytes: MAX_OUTPUT_BYTES,
    signal: options.signal,
  });
  const back = stepBack(options.corePath);
  try {
    const { otherRoot = null } = options;
    const first =
      otherRoot === null
        ? await runEuStack(request, limits(2 / 3))
        : await unwindBelow(otherRoot, request, limits);
    // The others do not check that the file at a path is the one that ran.
    const isHost = otherRoot === null;
    if (isHost) await addInlined(first, limits(1 / 2));
    const second = isHost && needsSecondOpinion(first) ? await runGdb(request, limits(1)) : null;
    const best = second !== null && isBetter(second, first) ? second : first;
    const symbols = best.threads.flatMap(({ frames }) => frames.map(({ symbol }) => symbol));
    const names = await demangle(symbols, limits(1));
    return nativeStack(best, [first, ...(second === null ? [] : [second])], back, names, request);
  } finally {
    back?.restore();
  }
}

/** Twice: what it has mapped is known by the first time. */
async function unwindBelow(
  root: OtherRoot,
  request: CoreRequest,
  limits: (share: number) => ToolLimits,
): Promise<Unwound> {
  const blindly = { ...request, buildIds: root.scratch, maxFrames: 1, allThreads: false };
  const blind = await runEuStack(blindly, limits(1 / 3));
  const files = readMappedFiles(request.corePath);
  using found = buildIdFiles(blind.modules, files, root);
  const unwound = await runEuStack({ ...request, buildIds: found.path }, limits(2 / 3));
  const modules = unwound.modules.map((module) => ({
    ...module,
    path: fileAt(files, module.start) ?? module.path,
  }));
  return { ...unwound, modules };
}

const MAX_FRAMES = 256;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

function needsSecondOpinion({ threads }: Unwound): boolean {
  const frames = threads[0]?.frames ?? [];
  if (frames.filter(({ symbol }) => symbol !== null).length < 2) return true;
  return lacksInlined(frames);
}

/** Rust's standard library always has some. */
function lacksInlined(frames: readonly TextFrame[]): boolean {
  return frames.some(isRust) && !hasInlined(frames);
}

async function addInlined({ threads, modules }: Unwound, limits: ToolLimits): Promise<void> {
  const [crashing] = threads;
  if (crashing === undefined || !lacksInlined(crashing.frames)) return;
  crashing.frames = (await withInlinedCalls(crashing.frames, modules, limits)) ?? crashing.frames;
}

function isBetter(second: Unwound, first: Unwound): boolean {
  return (second.threads[0]?.frames.length ?? 0) > (first.threads[0]?.frames.length ?? 0);
}

function hasInlined(frames: readonly { address: bigint }[]): boolean {
  return frames.some(({ address }, index) => frames[index + 1]?.address === address);
}

function nativeStack(
  best: Unwound,
  tried: readonly Unwound[],
  back: StepBack | null,
  names: ReadonlyMap<string, string>,
  { maxFrames }: CoreRequest,
): NativeStack {
  const threads = best.threads.map((thread, index): NativeThread => {
    const crashed = index === 0;
    const frames = nativeFrames(thread.frames, modulesOf(tried), crashed ? back : null, names);
    return { tid: thread.tid, crashed, frames: frames.slice(0, maxFrames) };
  });
  const found = (threads[0]?.frames.length ?? 0) > 0;
  const problems: Problem[] = [];
  if (tried.every(({ outcome }) => outcome === 'missing')) problems.push(problem('unwind-no-tool'));
  else if (tried.some(({ outcome }) => outcome === 'timed-out')) problems.push(problem('unwind-timed-out'));
  else if (!found || best.outcome !== 'done') problems.push(problem('unwind-failed'));
  const cut = best.threads.filter((thread) => thread.cut || thread.frames.length > maxFrames).length;
  if (cut > 0) problems.push(problem('unwind-cut', cut));
  const open = threads.filter(({ frames }, index) => !best.threads[index]?.cut && !isWhole(frames)).length;
  if (found && open > 0) problems.push(problem('unwind-incomplete', open));
  return { threads, tool: found ? best.tool : null, problems };
}

/** gdb does not print a module's start and build ID; eu-stack does. */
function modulesOf(tried: readonly Unwound[]): Unwound['modules'] {
  return tried.find(({ modules }) => modules.length > 0)?.modules ?? [];
}

/** Does the stack end at a thread's entry function? */
function isWhole(frames: readonly NativeFrame[]): boolean {
  const last = frames.at(-1)?.function;
  return (
    last != null &&
    /^(?:_start|_dl_start_user|main|start_thread|(?:__)?clone3?|__libc_start_\w+|_dl_relocate_static_pie)$/.test(
      last,
    )
  );
}

function fileSize(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
