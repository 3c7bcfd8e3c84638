import { fstatSync } from 'node:fs';
import { GDB_SETTINGS } from './gdb-settings.ts';
import { runTool, type ToolResult } from './run-tool.ts';

export type FrameValues = {
  /** Private: frames of all threads with arguments and locals, as gdb prints them. The crashing thread comes first. */
  lines: string[];
  outcome: ToolResult['outcome'];
};

const TIMEOUT_MS = 60_000;
const MEMORY_BYTES = 2 * 1024 ** 3;
const OUTPUT_BYTES = 1024 ** 2;
const MAX_FRAMES = 64;

/**
 * Asks gdb for the values in the frames of a core. For a person's terminal, and nothing else. Never throws.
 * @param coreFd open file of the core, which needs no name
 */
export async function readFrameValues(coreFd: number, executable: string): Promise<FrameValues> {
  const settings = [...GDB_SETTINGS, ...VALUE_SETTINGS].flatMap((setting) => ['-iex', setting]);
  const command = `thread apply all -ascending backtrace -full -no-filters ${MAX_FRAMES}`;
  const core = `/proc/${process.pid}/fd/${coreFd}`;
  const { stdout, outcome } = await runTool(
    'gdb',
    ['-q', '--nx', '--nh', '--batch', ...settings, '-ex', command, '--', executable, core],
    {
      timeoutMs: TIMEOUT_MS,
      memoryBytes: MEMORY_BYTES + fstatSync(coreFd).size,
      outputBytes: OUTPUT_BYTES,
      signal: undefined,
    },
  );
  // What is before it is of the first frame, and of files.
  const start = stdout.search(/^Thread \d+ \(/m);
  return { lines: start < 0 ? [] : stdout.slice(start).trimEnd().split('\n'), outcome };
}

const VALUE_SETTINGS = [
  'set print frame-arguments all',
  'set print entry-values no',
  'set print elements 200',
  'set print max-depth 5',
  'set print object off',
  `set backtrace limit ${MAX_FRAMES}`,
];
