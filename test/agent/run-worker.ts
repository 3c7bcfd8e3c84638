import path from 'node:path';
import { CHECKOUT, type CrashmonOptions, crashmon, startCrashmon } from '../support/crashmon.ts';
import type { ProgramResult, RunningProgram } from '../support/run-program.ts';

const FIXTURES = path.join(CHECKOUT, 'test', 'fixtures', 'agent');

export type Watched = {
  /** Options of `crashmon run`, beside `--name app`. */
  options?: readonly string[];
  command: readonly string[];
} & CrashmonOptions;

/** `crashmon run --name app … -- command`, left running; dispose of it. */
export function startRun({ options = [], command, ...rest }: Watched): RunningProgram {
  return startCrashmon(['run', '--name', 'app', ...options, '--', ...command], rest);
}

/** The same, to its end. */
export function run({ options = [], command, ...rest }: Watched): Promise<ProgramResult> {
  return crashmon(['run', '--name', 'app', ...options, '--', ...command], rest);
}

/** A command that runs a program of `test/fixtures/agent/`. */
export function fixture(name: string, ...args: string[]): string[] {
  return [process.execPath, path.join(FIXTURES, name), ...args];
}

export type ListedExit = {
  id: string;
  exit: { code: number | null; signal: string | null };
  counted: boolean;
  reason: string;
  captured: boolean;
};

/** `crashmon crashes --json`, newest first. */
export async function exitsOf(stateDir: string): Promise<ListedExit[]> {
  const { code, stdout, stderr } = await crashmon(['crashes', '--json', '--limit', '10000'], { stateDir });
  if (code !== 0) throw new Error(`crashmon crashes failed: ${stderr}`);
  return JSON.parse(stdout);
}

type ListedApp = {
  app: string;
  instance: string;
  state: string;
  worker: { pid: number; restarts: number } | null;
};

export async function statusOf(stateDir: string): Promise<ListedApp[]> {
  const { code, stdout, stderr } = await crashmon(['status', '--json'], { stateDir });
  if (code !== 0) throw new Error(`crashmon status failed: ${stderr}`);
  return JSON.parse(stdout).apps;
}
