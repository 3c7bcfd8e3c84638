import { signalProcess } from './adopt.ts';
import { delay } from './delay.ts';
import { isAlive } from './process-info.ts';
import type { Member, RunMembers } from './run-members.ts';

/** They are not our children, so polling detects their end. */
const POLL_MS = [5, 10, 20, 50];
const POLL_EVERY_MS = 100;
/** After SIGKILL a process ends within moments, or waits for a device, and nothing helps. */
const AFTER_KILL_MS = 1_000;

export type EndingOptions = {
  /** How long they are left alone, because they got the stop signal as well. */
  patienceMs: number;
  /** From now to SIGKILL. */
  timeoutMs: number;
  /** Called with those that got SIGTERM, or SIGKILL; not called where nothing was left. */
  onSignal: (signal: 'SIGTERM' | 'SIGKILL', members: readonly Member[]) => void;
};

/** Ends what is left of a run whose worker has ended: SIGTERM, then SIGKILL. Settles when nothing is left. */
export async function endMembers(members: RunMembers, options: EndingOptions): Promise<void> {
  const startedAt = performance.now();
  const left = () => options.timeoutMs - (performance.now() - startedAt);
  let found = members.find();
  if (found.length > 0 && options.patienceMs > 0) {
    found = await untilGone(members, found, Math.min(options.patienceMs, left()));
  }
  // A process that got SIGTERM may have started others meanwhile.
  const asked = new Map<number, number>();
  while (found.length > 0 && left() > 0) {
    const fresh = found.filter(({ pid, startTicks }) => asked.get(pid) !== startTicks);
    for (const { pid, startTicks } of fresh) {
      asked.set(pid, startTicks);
      signalProcess(pid, startTicks, 'SIGTERM');
      // A stopped process gets its signals when it continues.
      signalProcess(pid, startTicks, 'SIGCONT');
    }
    if (fresh.length > 0) options.onSignal('SIGTERM', fresh);
    found = await untilGone(members, found, left());
  }
  const killedAt = performance.now();
  while (found.length > 0 && performance.now() - killedAt < AFTER_KILL_MS) {
    for (const { pid, startTicks } of found) signalProcess(pid, startTicks, 'SIGKILL');
    options.onSignal('SIGKILL', found);
    found = await untilGone(members, found, AFTER_KILL_MS);
  }
}

/** @returns the members that are left when those given have ended, or the time is over */
async function untilGone(members: RunMembers, given: readonly Member[], withinMs: number): Promise<Member[]> {
  const startedAt = performance.now();
  for (let polls = 0; ; polls++) {
    if (!given.some(({ pid, startTicks }) => isAlive(pid, startTicks))) return members.find();
    if (performance.now() - startedAt >= withinMs) return members.find();
    await delay(Math.min(POLL_MS[polls] ?? POLL_EVERY_MS, withinMs));
  }
}
