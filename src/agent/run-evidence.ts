import { failedWhileLoading } from '../analysis/failed-while-loading.ts';
import { decisiveRecord } from '../analysis/pick-candidate.ts';
import { parseNodeDeath } from '../formats/crash-output/node-death.ts';
import type { ReadSource } from '../formats/script-frames/verify-frames.ts';
import { signalName } from '../formats/signals/signal-name.ts';
import type { CandidateEvidence, ExitEvidence } from '../model/exit.ts';
import type { FaultClassification } from '../model/fault.ts';
import type { CandidateRecord } from '../model/probe-record.ts';

/** What the end of standard error proves. @param tail null if it is not read */
export function stderrEvidence(tail: string | null): Pick<ExitEvidence, 'nodeTrailer' | 'v8OutOfMemory'> {
  if (tail === null) return { nodeTrailer: false, v8OutOfMemory: false };
  const death = parseNodeDeath(tail);
  return { nodeTrailer: death.fatalTrailer !== null, v8OutOfMemory: death.outOfMemory !== null };
}

/** What the probe's records say about the cause; null if they say nothing. */
export function candidateEvidence(
  records: readonly CandidateRecord[],
  diedAtMs: number,
  readSource: ReadSource,
): CandidateEvidence | null {
  const cause = decisiveRecord(records, diedAtMs);
  if (cause === null) return null;
  const { event, thrown, callerFrames } = cause;
  return {
    event,
    stackOverflow: thrown?.stackOverflow ?? false,
    whileLoading: failedWhileLoading(cause, readSource),
    byNode: event === 'exit' && callerFrames.every(({ file }) => file?.startsWith('node:')),
  };
}

/** Of a fatal signal that a debugger saw. */
export function nativeEvidence(fault: FaultClassification | null): ExitEvidence['native'] {
  if (fault === null) return null;
  const { kind, signal, summary } = fault;
  return { kind, signal: signalName(signal), sent: summary === 'sent-signal' };
}
