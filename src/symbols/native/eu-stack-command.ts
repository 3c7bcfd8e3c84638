import { parseEuStack, parseEuStackCuts } from '../../formats/stack-text/eu-stack.ts';
import type { CoreRequest, Debuginfod } from './core-request.ts';
import { runTool, type ToolLimits } from './run-tool.ts';
import type { Unwound } from './unwound.ts';

/** Unwinds with `eu-stack` (Debian package elfutils): modules, activations, inlined frames, places. */
export async function runEuStack(request: CoreRequest, limits: ToolLimits): Promise<Unwound> {
  const { corePath, executable, buildIds, maxFrames, allThreads } = request;
  const { stdout, stderr, outcome } = await runTool(
    'eu-stack',
    [
      // Raw names, because c++filt also demangles Rust.
      ...['-l', '-a', '-i', '-s', '-m', '-b', '-r', '-n', String(maxFrames)],
      ...(buildIds === null ? ['-e', executable] : [`--debuginfo-path=:.debug:/usr/lib/debug:${buildIds}`]),
      `--core=${corePath}`,
    ],
    limits,
    request.debuginfod === null ? {} : fetching(request.debuginfod),
  );
  const { modules, threads: all } = parseEuStack(stdout);
  // -1 works for live processes only.
  const threads = allThreads ? all : all.slice(0, 1);
  const cuts = parseEuStackCuts(stderr);
  for (const thread of threads) thread.cut ||= cuts.has(thread.tid);
  return { tool: 'eu-stack', modules, threads, outcome };
}

function fetching({ urls, cacheDirectory }: Debuginfod): Record<string, string> {
  return {
    DEBUGINFOD_URLS: urls,
    DEBUGINFOD_CACHE_PATH: cacheDirectory,
    // In seconds: without response, and per file. The stack matters more than a few names.
    DEBUGINFOD_TIMEOUT: '3',
    DEBUGINFOD_MAXTIME: '6',
  };
}
