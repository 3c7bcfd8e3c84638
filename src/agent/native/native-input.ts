import type { NativeInput } from '../../analysis/capture-input.ts';
import type { NativeRecord } from '../../model/native-record.ts';
import { problem } from '../../model/problem.ts';
import { demangleCxxType } from '../../symbols/native/demangle-cxx-type.ts';
import { unwindCore } from '../../symbols/native/unwind-core.ts';

/** As many as a report shows. */
const MAX_FRAMES = 100;
const TIMEOUT_MS = 12_000;
/** Beyond this only the thread that died is unwound, or it would take too long. */
const MAX_THREADS = 256;

/** Reads the stacks out of a dump. For the analysis process, which has it open; the dump has no name. */
export async function nativeInput(record: NativeRecord, dumpFd: number | null): Promise<NativeInput> {
  const cxx = record.fault.cxxExceptionType;
  const cxxExceptionType = cxx === null ? null : demangleCxxType(cxx);
  if (dumpFd === null || !record.hasDump) {
    // The file went with the crashmon that had it open.
    const problems = record.hasDump ? [problem('dump-lost')] : [];
    return { record, stack: { threads: [], tool: null, problems }, cxxExceptionType };
  }
  const stack = await unwindCore({
    corePath: `/proc/${process.pid}/fd/${dumpFd}`,
    executable: record.executable.replace(/ \(deleted\)$/, ''),
    maxFrames: MAX_FRAMES,
    timeoutMs: TIMEOUT_MS,
    allThreads: record.threadCount <= MAX_THREADS,
  });
  return { record, stack, cxxExceptionType };
}
