import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitStatus } from '../../model/exit.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { RUNTIMES, type Runtime } from '../../model/runtime.ts';
import { exitedOnOutOfMemory } from '../../symbols/java/exit-on-out-of-memory.ts';

/** What a run's last words are judged by, beside their text and the exit. */
export type DeathEvidence = {
  program: ObservedProgram;
  /** From the last byte on standard error to the exit; null if that was not seen. */
  silenceMs: number | null;
  /** A JVM's own data showed that `-XX:+ExitOnOutOfMemoryError` ended it; the next JVM deletes that data. */
  outOfMemory: boolean;
  /** Of what was printed, so many of the last bytes can be about the end; absent: all of it. */
  recentBytes?: number;
  /** Other processes of the run write to the same standard error. */
  shared?: boolean;
};

export const DEATH_NAME = 'death.json';

/** Does it write some of its last words into a file of its own? */
export function hasOwnLog(runtime: Runtime): boolean {
  return runtime === 'java';
}

/** The exit code of a JVM that `-XX:+ExitOnOutOfMemoryError` ends. */
const OUT_OF_MEMORY_CODE = 3;

/** What is gone once the next worker starts. */
export function deathEvidence(
  program: ObservedProgram,
  status: ExitStatus,
  silenceMs: number | null,
): DeathEvidence {
  const { runtime, ownPid, startedPid = null } = program;
  // Of another pid namespace the data is in another root directory.
  const pid = ownPid === undefined ? (program.pid ?? startedPid) : null;
  const canBe = runtime === 'java' && status.type === 'code' && status.code === OUT_OF_MEMORY_CODE;
  return { program, silenceMs, outOfMemory: canBe && pid !== null && exitedOnOutOfMemory(pid) };
}

/** Private: the arguments of the program can hold anything. */
export function keepDeath(rawDirectory: string, evidence: DeathEvidence): void {
  writeFileSync(join(rawDirectory, DEATH_NAME), JSON.stringify(evidence), { mode: 0o600 });
}

/** Are last words to be read of this run? */
export function hasDeath(rawDirectory: string): boolean {
  return existsSync(join(rawDirectory, DEATH_NAME));
}

/** Reads what `keepDeath` wrote, which the app could have changed. @throws for anything else */
export function parseDeath(text: string): DeathEvidence {
  const { program, silenceMs, outOfMemory, recentBytes, shared } = fieldsOf(JSON.parse(text));
  const { runtime, pid, ownPid, startedPid, executable, executableId, cwd, args, seenAtMs } =
    fieldsOf(program);
  const known = RUNTIMES.find((name) => name === runtime);
  if (
    known === undefined ||
    (silenceMs !== null && typeof silenceMs !== 'number') ||
    typeof seenAtMs !== 'number'
  )
    throw damaged();
  if (typeof executable !== 'string' || typeof cwd !== 'string' || !Array.isArray(args)) throw damaged();
  return {
    program: {
      ...{ runtime: known, executable, cwd, seenAtMs },
      pid: typeof pid === 'number' ? pid : null,
      ...(typeof ownPid === 'number' ? { ownPid } : {}),
      ...(typeof startedPid === 'number' ? { startedPid } : {}),
      executableId: typeof executableId === 'string' ? executableId : null,
      args: args.filter((arg) => typeof arg === 'string'),
    },
    ...{ silenceMs, outOfMemory: outOfMemory === true },
    ...(typeof recentBytes === 'number' ? { recentBytes } : {}),
    ...(shared === true ? { shared } : {}),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw damaged();
  return value as Record<string, unknown>;
}

function damaged(): Error {
  return new TypeError('not the evidence of a death');
}
