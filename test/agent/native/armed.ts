import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processesMarked } from '../../support/leftovers.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { startRun, type Watched } from '../run-worker.ts';

/** `crashmon run` of a worker that is armed from its first start, once a debugger waits for its death. */
export async function startArmed({ options = [], ...rest }: Watched): Promise<RunningProgram> {
  const armed = ['--arm-after', '0', '--restart-delay', '0', '--json'];
  const agent = startRun({ ...rest, options: [...armed, ...options] });
  await untilAttached(agent);
  return agent;
}

/** `from`: so many characters of standard error are passed over. */
export async function untilAttached(agent: RunningProgram, from = 0): Promise<void> {
  await agent.waitForLine('stderr', /"event":"debugger","state":"attached"/, from);
}

/** The pid in the newest event of this name. */
export function pidOf(agent: RunningProgram, event = 'started'): number {
  const found = agent.stderr
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`))
    .at(-1);
  return JSON.parse(found ?? '{}').pid;
}

/** Debuggers of one crashmon; it hands them its environment. */
export function debuggersOf(stateDir: string): number[] {
  return processesMarked(stateDir)
    .filter(({ commandLine }) => /^gdbserver /.test(commandLine))
    .map(({ pid }) => pid);
}

/** Looks again until it is so: for what other processes do there is no event. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not so after 120 s: ${what}`);
    await delay(5);
  }
}

/** Process ID of the tracer, 0 for none. */
export function tracerOf(pid: number): number {
  return Number(/^TracerPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
