import path from 'node:path';
import {
  type ProgramOptions,
  type ProgramResult,
  type RunningProgram,
  runProgram,
  startProgram,
} from './run-program.ts';

export const CHECKOUT = path.join(import.meta.dirname, '..', '..');

const GIVEN = '--crashmon=';
export const SOURCES = path.join(CHECKOUT, 'src/cli/main.mjs');

/** The program under test: the sources, or what `scripts/run-tests.ts` made of them, which starts faster. */
export const MAIN = process.argv.find((each) => each.startsWith(GIVEN))?.slice(GIVEN.length) ?? SOURCES;

export type CrashmonOptions = ProgramOptions & {
  /** Where this test's crashmon keeps everything; a directory of the test's own. */
  stateDir: string;
  /** `MAIN` without it. */
  main?: string;
};

/** Runs the CLI of the checkout to its end, on the Node.js that runs the test. */
export function crashmon(args: readonly string[], options: CrashmonOptions): Promise<ProgramResult> {
  return runProgram(process.execPath, [options.main ?? MAIN, ...args], inside(options));
}

/** Starts the CLI of the checkout and leaves it running; dispose of it. */
export function startCrashmon(args: readonly string[], options: CrashmonOptions): RunningProgram {
  return startProgram(process.execPath, [options.main ?? MAIN, ...args], inside(options));
}

/** The state directory in the environment is also the mark by which `leftovers.ts` finds what survived. */
function inside({ stateDir, ...options }: CrashmonOptions): ProgramOptions {
  return { ...options, env: { ...options.env, CRASHMON_STATE_DIR: stateDir } };
}
