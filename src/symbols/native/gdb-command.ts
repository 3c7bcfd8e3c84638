import { parseGdbBacktrace } from '../../formats/stack-text/gdb-backtrace.ts';
import type { CoreRequest } from './core-request.ts';
import { GDB_SETTINGS } from './gdb-settings.ts';
import { runTool, type ToolLimits } from './run-tool.ts';
import type { Unwound } from './unwound.ts';

/**
 * Unwinds with gdb, which runs no scripts from files (beside libraries or in debug sections) and prints no arguments or
 * variables. It takes the files at their paths for those that ran. Its output about the command line is not read.
 */
export async function runGdb(request: CoreRequest, limits: ToolLimits): Promise<Unwound> {
  const { corePath, executable, maxFrames, allThreads } = request;
  const settings = [...SETTINGS, `set backtrace limit ${maxFrames}`].flatMap((setting) => ['-iex', setting]);
  // gdb numbers threads in the order of the core's notes; the first is the crashing thread.
  const threads = allThreads ? 'all -ascending' : '1';
  const commands = ['info proc mappings', `thread apply ${threads} backtrace -no-filters ${maxFrames}`];
  const { stdout, outcome } = await runTool(
    'gdb',
    [
      ...['-q', '--nx', '--nh', '--batch', ...settings],
      ...[...commands.flatMap((command) => ['-ex', command]), '--', executable, corePath],
    ],
    limits,
  );
  const { modules, threads: found } = parseGdbBacktrace(stdout);
  return { tool: 'gdb', modules, threads: found, outcome };
}

const SETTINGS = [...GDB_SETTINGS, 'set print frame-arguments presence', 'set print entry-values no'];
