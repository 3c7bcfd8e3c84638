import assert from 'node:assert/strict';
import path from 'node:path';
import { CHECKOUT } from '../../support/crashmon.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { startRun } from '../run-worker.ts';

export const MASTERS = path.join(CHECKOUT, 'test', 'fixtures', 'masters');

/** An event of `crashmon run --json`. */
export type ChildEnded = {
  event: 'child-ended';
  runId: string;
  process: { role: string; pid: number; name: string };
  status: { type: string; code?: number; signal?: string };
  verdict: { counted: boolean; kind: string | null; reasonCode: string };
  crashesInWindow: number;
  replacedAfterMs: number | null;
  impact: { connectionsCut: number | null; isExact: boolean; servedAfterMs: number | null } | null;
};

export type RunningMaster = AsyncDisposable & {
  program: RunningProgram;
  /** The next end of a worker that crashmon reports. */
  nextEnd(): Promise<ChildEnded>;
  /** Stops it, and returns all ends of workers that were reported. */
  stop(): Promise<ChildEnded[]>;
};

/** Starts a master, and waits until its workers are watched. */
export async function startMaster(
  stateDir: string,
  command: readonly string[],
  { workers, options = [], cwd = MASTERS }: { workers: number; options?: readonly string[]; cwd?: string },
): Promise<RunningMaster> {
  const program = startRun({
    ...{ stateDir, command, cwd, input: 'open' },
    options: ['--json', '--restart', 'never', ...options],
  });
  const watching = await program.waitForLine('stderr', /"event":"children".*"count":(\d+)/);
  assert.equal(Number(watching[1]), workers, watching[0]);
  let seen = 0;
  return {
    program,
    async nextEnd() {
      const [line] = await program.waitForLine('stderr', /^\{.*"event":"child-ended".*$/m, seen);
      seen = program.stderr.indexOf(line, seen) + line.length;
      return JSON.parse(line);
    },
    async stop() {
      program.kill('SIGTERM');
      const { stderr } = await program.exited;
      return stderr
        .split('\n')
        .filter((line) => line.includes('"event":"child-ended"'))
        .map((line) => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
