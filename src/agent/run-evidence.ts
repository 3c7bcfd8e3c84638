import { basename } from 'node:path';
import { causeOfDeath } from '../analysis/pick-candidate.ts';
import { parseNodeDeath } from '../formats/crash-output/node-death.ts';
import type { CandidateEvidence, ExitEvidence } from '../model/exit.ts';
import type { CandidateRecord } from '../model/probe-record.ts';

/** Commands that are certainly no Node and start none: for them Node's exit codes mean nothing. */
const OTHER_RUNTIMES =
  /^(python[\d.]*|ruby|php[\d.]*|php-fpm[\d.]*|java|perl|nginx|redis-server|gunicorn|uvicorn|dotnet|go|caddy)$/;

/** Reads the end of standard error for what it proves; `null` where it is not tapped. */
export function stderrEvidence(tail: string | null): Pick<ExitEvidence, 'nodeTrailer' | 'v8OutOfMemory'> {
  if (tail === null) return { nodeTrailer: false, v8OutOfMemory: false };
  const death = parseNodeDeath(tail);
  return { nodeTrailer: death.fatalTrailer !== null, v8OutOfMemory: death.outOfMemory !== null };
}

/** What the probe's records say of the cause; null where they say nothing. */
export function candidateEvidence(
  records: readonly CandidateRecord[],
  diedAtMs: number,
): CandidateEvidence | null {
  const cause = causeOfDeath(records, diedAtMs);
  return cause === null ? null : { event: cause.event, stackOverflow: cause.thrown?.stackOverflow ?? false };
}

export function runtimeOf(command: readonly string[]): ExitEvidence['runtime'] {
  const name = basename(command[0] ?? '');
  if (/^node(js)?(\d+)?$/.test(name)) return 'node';
  return OTHER_RUNTIMES.test(name) ? 'other' : 'unknown';
}
