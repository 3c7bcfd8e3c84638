import { join } from 'node:path';
import type { NativeInput } from '../../analysis/capture-input.ts';
import type { NativeRecord } from '../../model/native-record.ts';
import { problem } from '../../model/problem.ts';
import type { OtherRoot } from '../../symbols/native/build-id-files.ts';
import type { Debuginfod } from '../../symbols/native/core-request.ts';
import { demangleType } from '../../symbols/native/demangle.ts';
import type { ToolLimits } from '../../symbols/native/run-tool.ts';
import { unwindCore } from '../../symbols/native/unwind-core.ts';

/** As many as a report shows. */
const MAX_FRAMES = 100;
/** Less than a second on an idle machine; on a busy one, at the lowest priority, minutes. */
const TIMEOUT_MS = 240_000;
const TYPE_LIMITS: ToolLimits = {
  timeoutMs: 10_000,
  memoryBytes: 2 ** 30,
  outputBytes: 64 * 1024,
  signal: undefined,
};
/** With more threads only the crashing one is unwound, or it would take too long. */
const MAX_THREADS = 256;

/**
 * Servers named in CRASHMON_DEBUGINFOD_URLS; null if there are none. Never DEBUGINFOD_URLS, which
 * distributions set for all users: nothing goes over the network unless the operator asks for it.
 */
export function debuginfodOf(env: NodeJS.ProcessEnv, directory: string): Debuginfod | null {
  const urls = (env.CRASHMON_DEBUGINFOD_URLS ?? '')
    .split(/\s+/)
    .filter((url) => /^https?:\/\/\S+$/.test(url));
  return urls.length === 0 ? null : { urls: urls.join(' '), cacheDirectory: join(directory, 'debuginfod') };
}

export type NativeFiles = {
  dumpFd: number | null;
  debuginfod: Debuginfod | null;
  /** null: the program's files are where this process finds them. */
  otherRoot: OtherRoot | null;
};

/** Reads the stacks from a dump. For the analysis process, which has the unnamed file open. */
export async function nativeInput(
  record: NativeRecord,
  { dumpFd, debuginfod, otherRoot }: NativeFiles,
): Promise<NativeInput> {
  const cxx = record.fault.cxxExceptionType;
  const cxxExceptionType = cxx === null ? null : await demangleType(cxx, TYPE_LIMITS);
  if (dumpFd === null || !record.hasDump) {
    // The file was gone with the crashmon that had it open.
    const problems = record.hasDump ? [problem('dump-lost')] : [];
    return { record, stack: { threads: [], tool: null, problems }, cxxExceptionType };
  }
  const stack = await unwindCore({
    corePath: `/proc/${process.pid}/fd/${dumpFd}`,
    executable: record.executable.replace(/ \(deleted\)$/, ''),
    maxFrames: MAX_FRAMES,
    timeoutMs: TIMEOUT_MS,
    debuginfod,
    otherRoot,
    allThreads: record.threadCount <= MAX_THREADS,
  });
  return { record, stack, cxxExceptionType };
}
