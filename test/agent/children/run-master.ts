import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../../support/crashmon.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { startRun } from '../run-worker.ts';

const AGAIN_MS = 15_000;

export const MASTERS = path.join(CHECKOUT, 'test', 'fixtures', 'masters');

/** An event of `crashmon run --json`. */
export type ChildEnded = {
  event: 'child-ended';
  runId: string;
  process: { role: string; pid: number; name: string };
  status: { type: string; code?: number; signal?: string };
  verdict: { counted: boolean; kind: string | null; reasonCode: string };
  crashesInWindow: number;
  captured: boolean;
  state: string;
  noCapture: { why: string } | null;
  replacedAfterMs: number | null;
  impact: { connectionsCut: number | null; isExact: boolean; servedAfterMs: number | null } | null;
};

export type RunningMaster = AsyncDisposable & {
  program: RunningProgram;
  /** The next end of a worker that crashmon reports. */
  nextEnd(): Promise<ChildEnded>;
  /**
   * The end that `act` causes. It is done again if none is reported: on a busy machine a worker can end before it is watched, or
   * between two tracers.
   */
  endBy(act: () => unknown): Promise<ChildEnded>;
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
  const nextEnd = async (): Promise<ChildEnded> => {
    const [line] = await program.waitForLine('stderr', /^\{.*"event":"child-ended".*$/m, seen);
    seen = program.stderr.indexOf(line, seen) + line.length;
    return JSON.parse(line);
  };
  return {
    program,
    nextEnd,
    async endBy(act) {
      const next = nextEnd();
      for (;;) {
        await act();
        const ended = await Promise.race([next, delay(AGAIN_MS, null, { ref: false })]);
        if (ended !== null) return ended;
      }
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
