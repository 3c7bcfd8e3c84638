import { type Way, wayOf } from '../plan/ways.ts';
import type { KernelDeath } from './kernel-deaths.ts';
import type { Death } from './worker-lives.ts';

/** One worker of a master, as it and the kernel noted it. */
export type BelowLife = {
  pid: number;
  startTicks: number;
  startedS: number;
  master: number;
  /** How it was about to end itself; null if it did not come to that. */
  way: Way | null;
  /** Was it watched right before its end? */
  traced: boolean;
  /** null if it still runs. */
  death: Death | null;
};

/** See test/fixtures/chaos/cluster.cjs. */
export type BelowNotes = { starts: readonly string[][]; deaths: readonly string[][] };

const TICKS_PER_S = 100;
/** The kernel's times of deaths are whole seconds. */
const START_TOLERANCE_S = 2;

/** Joins what workers of masters noted with what the kernel noted of the same processes. */
export function belowLives({ starts, deaths }: BelowNotes, kernel: readonly KernelDeath[]): BelowLife[] {
  const byPid = Map.groupBy(kernel, ({ pid }) => pid);
  return starts.map(([pid = '', ticks = '', master = '']) => {
    const startedS = Number(ticks) / TICKS_PER_S;
    const death = byPid
      .get(Number(pid))
      ?.find((each) => Math.abs(each.startedS - startedS) < START_TOLERANCE_S);
    const [, , language = '', way = '', traced = ''] = deaths.find(([, one]) => one === pid) ?? [];
    return {
      ...{ pid: Number(pid), startTicks: Number(ticks), startedS, master: Number(master) },
      way: language === '' ? null : wayOf(language, way),
      traced: traced === 'traced',
      death: death === undefined ? null : { ...death, endedS: startedS + death.tookS },
    };
  });
}
