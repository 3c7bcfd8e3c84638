import { systemCoreReport } from '../../analysis/system-core-report.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import type { CrashReport } from '../../model/crash-report.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { NativeFrame } from '../../model/native-stack.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { coreSignal, type DumpedExit } from '../../policy/matching-core.ts';
import { appRootOf } from '../../symbols/app-root.ts';
import { onHost } from '../../symbols/locate.ts';
import { withPlaces } from '../../symbols/native/code-places.ts';
import { demangle } from '../../symbols/native/demangle.ts';
import type { ToolLimits } from '../../symbols/native/run-tool.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import { executableOf, isAsItRan } from '../last-words/vouchers.ts';
import { locateOf } from '../locate-of.ts';
import { coreHandler } from './core-handler.ts';
import { findCore } from './find-core.ts';

const TOOL_LIMITS: ToolLimits = {
  timeoutMs: 240_000,
  memoryBytes: 2 ** 31,
  outputBytes: 2 ** 20,
  signal: undefined,
};

/** What is known of the exit besides its core dump. */
type Known = {
  program: ObservedProgram;
  kind: CrashKind;
  /** What its runtime printed about this end; null if nothing. */
  printed: CrashReport | null;
};

/**
 * The report of an exit by the core dump that the handler of this host took; null if there is none with a stack. Can wait for the
 * handler.
 */
export async function reportOfCore(
  job: AnalysisJob,
  ended: StoredExit,
  { program, kind, printed }: Known,
): Promise<CrashReport | null> {
  const handler = coreHandler();
  const exit = dumpedExit(ended, program);
  const core = handler === null || exit === null ? null : await findCore(handler, exit);
  if (core === null || core.frames.length === 0) return null;
  const locate = locateOf(job.root);
  using executable = executableOf(program, locate);
  const { runId: id, app, instance, workspaceRoot } = job;
  // It is known by its path on this host.
  const isReadable = locate === onHost && job.sourceMaps && isAsItRan(program);
  const hasPlaces = isReadable && COMPILED.includes(program.runtime);
  const placed = hasPlaces ? await withPlaces(core.frames, program.executable, TOOL_LIMITS) : null;
  return systemCoreReport({
    ...{ id, app, instance, workspaceRoot, kind, printed, signal: core.signal, cut: core.cut },
    diedAtMs: ended.diedAt.wallMs,
    appRoot: appRootOf(program.runtime, program.cwd, job.appRoot),
    runtime: { name: program.runtime, version: executable?.version ?? null },
    executable: program.executable,
    frames: await demangled(placed ?? core.frames),
    isTimedOut: (hasPlaces && placed === null) || !job.sourceMaps,
  });
}

/** An interpreter's own lines explain nothing. */
const COMPILED: readonly string[] = ['native', 'rust', 'go'];

/** null if the kernel dumped no core, or the process cannot be identified. */
function dumpedExit(
  { process, pid: mainPid, status, startedAt, diedAt }: StoredExit,
  program: ObservedProgram,
): DumpedExit | null {
  const signal = coreSignal(status);
  const ownPid = process.role === 'main' ? mainPid : process.pid;
  // A shell passes its child's signal on as an exit code.
  const pid = status.type === 'signal' ? ownPid : program.pid;
  if (signal === null || pid === null || diedAt.bootId === '') return null;
  return {
    ...{ pid, signal, bootId: diedAt.bootId.replaceAll('-', '') },
    executable: program.pid === pid ? program.executable : null,
    ...{ startedAtMs: startedAt.wallMs, diedAtMs: diedAt.wallMs },
  };
}

async function demangled(frames: readonly NativeFrame[]): Promise<NativeFrame[]> {
  const names = await demangle(
    frames.map(({ rawSymbol }) => rawSymbol),
    TOOL_LIMITS,
  );
  return frames.map((frame) => ({ ...frame, function: names.get(frame.rawSymbol ?? '') ?? frame.function }));
}
