import { hasTimedOut } from '../../formats/crash-output/worker-timeout.ts';
import type { CandidateEvidence, ExitVerdict } from '../../model/exit.ts';
import type { Instant } from '../../model/instant.ts';
import type { ProcessMemoryRecord } from '../../model/memory.ts';
import { classifyChildExit } from '../../policy/classify-child-exit.ts';
import { MAX_SILENCE_MS } from '../../policy/max-silence.ts';
import { readSmallSource } from '../read-small-source.ts';
import { candidateEvidence, nativeEvidence, stderrEvidence } from '../run-evidence.ts';
import type { ChildEnd, WatchedChild } from './child-exit.ts';
import type { Said } from './children-parts.ts';

/** The end of a process below the main one, and what it is. */
export type JudgedDeath = {
  child: WatchedChild;
  end: ChildEnd;
  diedAt: Instant;
  diedAtUptimeMs: number;
  verdict: ExitVerdict;
  /** What ended it; null if that is not known. */
  candidate: CandidateEvidence | null;
  stderr: Said | null;
  /** What its memory was used for near a limit; null if that was not read. */
  memory: ProcessMemoryRecord | null;
};

type Circumstances = Pick<JudgedDeath, 'diedAt' | 'diedAtUptimeMs' | 'memory'> & {
  oomKills: number | null;
  said: Said | null;
};

/** null: it ended as such processes do. */
export function judgeDeath(
  child: WatchedChild,
  end: ChildEnd,
  { oomKills, said, ...known }: Circumstances,
): JudgedDeath | null {
  const { process, program } = child;
  const text = said?.bytes.toString('utf8') ?? null;
  const recent = said !== null && said.silenceMs <= MAX_SILENCE_MS ? text : null;
  const master = process.role === 'worker' ? process.name : null;
  const record = end.reading?.record ?? null;
  const candidate = record === null ? null : candidateEvidence([record], end.atMs, readSmallSource);
  const verdict = classifyChildExit(end.status, {
    ...stderrEvidence(recent),
    candidate,
    native: nativeEvidence(end.fault?.value.fault ?? null),
    oomKills,
    runtime: program === null ? 'unknown' : program.runtime === 'node' ? 'node' : 'other',
    master,
    hung: text !== null && master !== null && hasTimedOut(text, master, program?.ownPid ?? process.pid),
  });
  return verdict === null ? null : { child, end, verdict, candidate, stderr: said, ...known };
}
