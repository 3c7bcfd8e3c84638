import { readFileSync } from 'node:fs';
import { hasEnded } from '../../formats/procfs/process-stat.ts';
import type { EndedChild } from '../../model/ended-process.ts';
import type { ProcessFacts } from '../../model/process-facts.ts';
import { isNamed, type KnownMaster, masterOf, serverOf } from '../../policy/known-masters.ts';
import { isWrapper } from '../../worker/main-process.ts';
import { listChildren, readProcessStat } from '../../worker/process-info.ts';
import { readProcessFacts } from '../../worker/read-process-facts.ts';

export type FoundMaster = { pid: number; facts: ProcessFacts; known: KnownMaster };

/** A process below the main one. */
export type FoundChild = { pid: number; startTicks: number; ageMs: number };

/** Wrappers within wrappers, and what is below a child for `--children`. */
const MAX_DEPTH = 16;
/** More are not looked at: a run with so many processes has them for other reasons. */
const MAX_FOUND = 1_024;
/** Of Linux, on all machines. */
const TICKS_PER_SECOND = 100;

/**
 * The master that a run consists of: its worker, or what runs below wrappers. null if it is none that is known.
 * @param ignored names of masters that count as none
 */
export function findMaster(pid: number, ignored: readonly string[] = []): FoundMaster | null {
  let current: number | undefined = pid;
  for (let depth = 0; depth < MAX_DEPTH && current !== undefined; depth++) {
    const facts = readProcessFacts(current);
    if (facts === null) return null;
    const server = serverOf(facts);
    if (server !== null) return ignored.includes(server.name) ? null : { pid: current, facts, known: server };
    if (!isWrapper(current)) {
      const known = masterOf(facts);
      return known === null ? null : { pid: current, facts, known };
    }
    current = listChildren(current)[0];
  }
  return null;
}

/** The children of a process, or all below it. */
export function childrenOf(pid: number, { deep }: { deep: boolean }): FoundChild[] {
  const uptime = uptimeMs();
  const found: FoundChild[] = [];
  const pending = listChildren(pid);
  for (let child = pending.pop(); child !== undefined && found.length < MAX_FOUND; child = pending.pop()) {
    const stat = readProcessStat(child);
    if (stat === null || hasEnded(stat)) continue;
    const { startTicks } = stat;
    found.push({
      pid: child,
      startTicks,
      ageMs: ageMsOf(startTicks, uptime),
    });
    if (deep) pending.push(...listChildren(child));
  }
  return found;
}

/**
 * What a process is in the run; null if its end says nothing about the app.
 * @param master its parent, if that is one
 */
export function roleOf(
  { pid }: FoundChild,
  master: FoundMaster | null,
  names: readonly string[],
): EndedChild | null {
  const facts = readProcessFacts(pid);
  if (facts === null) return null;
  if (master?.known.isWorker(facts, master.facts) === true)
    return { role: 'worker', pid, name: master.known.name };
  const name = names.find((each) => isNamed(facts, each));
  return name === undefined ? null : { role: 'child', pid, name };
}

/** In steps of 10 ms; no clock that is set changes it. @param uptime when, if it is not now */
export function ageMsOf(startTicks: number, uptime = uptimeMs()): number {
  return Math.max(0, uptime - startedAtUptimeMs(startTicks));
}

export function startedAtUptimeMs(startTicks: number): number {
  return (startTicks * 1_000) / TICKS_PER_SECOND;
}

/** By the clock of start times. */
export function uptimeMs(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1_000;
}
