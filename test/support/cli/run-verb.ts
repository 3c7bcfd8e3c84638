import { Command } from 'commander';
import type { CliContext } from '../../../src/cli/context.ts';
import { addArm } from '../../../src/cli/verbs/arm.ts';
import { addCrashes } from '../../../src/cli/verbs/crashes.ts';
import { addDisarm } from '../../../src/cli/verbs/disarm.ts';
import { addLogs } from '../../../src/cli/verbs/logs.ts';
import { addShow } from '../../../src/cli/verbs/show.ts';
import { addStatus } from '../../../src/cli/verbs/status.ts';
import { CrashmonError } from '../../../src/model/crashmon-error.ts';
import { at } from '../journal/sample-run.ts';

export type VerbResult = { stdout: string; stderr: string; error: CrashmonError | null };

/** Runs one verb as `crashmon` would, at a fixed time in UTC, with paths of the state directory normalized. */
export function runVerb(
  stateDir: string,
  args: readonly string[],
  { env, ...more }: Partial<CliContext> = {},
): VerbResult {
  const result: VerbResult = { stdout: '', stderr: '', error: null };
  const context: CliContext = {
    // By environment, as most people set it: hints do not repeat it then.
    env: { CRASHMON_STATE_DIR: stateDir, ...env },
    command: 'crashmon',
    workerEnv: {},
    stdout: { write: (text) => (result.stdout += text) },
    stderr: { write: (text) => (result.stderr += text) },
    now: () => at(600_000),
    uid: 0,
    isTTY: false,
    stderrIsTerminal: false,
    columns: 80,
    timeZone: 'UTC',
    ...more,
  };
  const program = new Command('crashmon').exitOverride();
  for (const add of [addStatus, addCrashes, addShow, addLogs, addArm, addDisarm]) add(program, context);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    result.error = error;
  }
  const normal = (text: string) =>
    // As a number of its own: its digits may be part of another.
    text.replaceAll(stateDir, '/state').replaceAll(new RegExp(`\\b${process.pid}\\b`, 'g'), '4242');
  return { ...result, stdout: normal(result.stdout), stderr: normal(result.stderr) };
}
