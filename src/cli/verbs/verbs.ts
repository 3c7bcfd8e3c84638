import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

type AddVerb = (program: Command, context: CliContext) => void;

/** Every verb, in the order in which `--help` lists them. */
const VERBS = new Map<string | undefined, () => Promise<AddVerb>>([
  ['run', async () => (await import('./run.ts')).addRun],
  ['agent', async () => (await import('./agent.ts')).addAgent],
  ['status', async () => (await import('./status.ts')).addStatus],
  ['crashes', async () => (await import('./crashes.ts')).addCrashes],
  ['show', async () => (await import('./show.ts')).addShow],
  ['receipt', async () => (await import('./receipt.ts')).addReceipt],
  ['logs', async () => (await import('./logs.ts')).addLogs],
  ['arm', async () => (await import('./arm.ts')).addArm],
  ['disarm', async () => (await import('./disarm.ts')).addDisarm],
  ['session', async () => (await import('./session.ts')).addSession],
  ['doctor', async () => (await import('./doctor.ts')).addDoctor],
  ['portal', async () => (await import('./portal.ts')).addPortal],
  ['demo', async () => (await import('./demo.ts')).addDemo],
]);

/**
 * The wanted verb; all of them if it is none (`help`, an option, a mistake). Most of a verb's time is loading its code,
 * and `run` stays in memory as long as its worker.
 */
export async function loadVerbs(wanted: string | undefined): Promise<AddVerb[]> {
  const load = VERBS.get(wanted);
  return Promise.all((load === undefined ? [...VERBS.values()] : [load]).map((one) => one()));
}
