import { type Way, wayOf } from '../plan/ways.ts';
import type { KernelDeath } from './kernel-deaths.ts';

/** Its end in seconds since boot, at most as much too late as it took the process to note its start. */
export type Death = KernelDeath & { endedS: number };

/** One worker, as it and the kernel noted it. */
export type WorkerLife = {
  pid: number;
  startedS: number;
  /** How it was about to end itself; null if it did not come to that. */
  way: Way | null;
  /** null if it still runs. */
  death: Death | null;
  /** It was to stay. */
  calm: boolean;
};

export type Notes = { starts: readonly string[][]; deaths: readonly string[][]; calmed: readonly string[][] };

/** The kernel's times are whole seconds, and a process writes its start a moment after that. */
const START_TOLERANCE_S = 3;

/** Joins what the workers of an app noted (see test/fixtures/chaos/front.sh) with what the kernel noted of the same processes. */
export function workerLives({ starts, deaths, calmed }: Notes, kernel: readonly KernelDeath[]): WorkerLife[] {
  const byPid = Map.groupBy(kernel, ({ pid }) => pid);
  const ways = new Map(
    deaths.map(([number, pid, language = '', name = '']) => [`${number} ${pid}`, wayOf(language, name)]),
  );
  const calm = new Set(calmed.map(([pid]) => pid));
  return starts.map(([pid = '', seconds = ''], index) => {
    const startedS = Number(seconds);
    const isThis = (death: KernelDeath) => Math.abs(death.startedS - startedS) < START_TOLERANCE_S;
    const death = byPid.get(Number(pid))?.find(isThis);
    return {
      ...{ pid: Number(pid), startedS, calm: calm.has(pid) },
      way: ways.get(`${index + 1} ${pid}`) ?? null,
      death: death === undefined ? null : { ...death, endedS: startedS + death.tookS },
    };
  });
}
