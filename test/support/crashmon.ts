import path from 'node:path';
import {
  type ProgramOptions,
  type ProgramResult,
  type RunningProgram,
  runProgram,
  startProgram,
} from './run-program.ts';

export const CHECKOUT = path.join(import.meta.dirname, '..', '..');

export type CrashmonOptions = ProgramOptions & {
  /** Where this test's crashmon keeps everything; a directory of the test's own. */
  stateDir: string;
};

/** Runs the CLI of the checkout to its end, on the Node.js that runs the test. */
export function crashmon(args: readonly string[], options: CrashmonOptions): Promise<ProgramResult> {
  return runProgram(process.execPath, commandLine(args), inside(options));
}

/** Starts the CLI of the checkout and leaves it running; dispose of it. */
export function startCrashmon(args: readonly string[], options: CrashmonOptions): RunningProgram {
  return startProgram(process.execPath, commandLine(args), inside(options));
}

function commandLine(args: readonly string[]): string[] {
  return [path.join(CHECKOUT, 'src', 'cli', 'main.mjs'), ...args];
}

/** The state directory in the environment is also the mark by which `leftovers.ts` finds what survived. */
function inside({ stateDir, ...options }: CrashmonOptions): ProgramOptions {
  return { ...options, env: { ...options.env, CRASHMON_STATE_DIR: stateDir } };
}
