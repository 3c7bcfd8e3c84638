import type { ObservedProgram } from '../../model/observed-program.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { StderrTail } from '../raw-run.ts';

/** What is known of an exit whose status is unknown. */
export type UnknownEnd = {
  tail: StderrTail | null;
  program: ObservedProgram | null;
  /** null if unknown. */
  silenceMs: number | null;
};

/**
 * The runtime whose report of an exception standard error ends with: all that can be known of a worker that was not our child.
 * Only such an exit loads the readers, which the agent otherwise leaves to the analysis.
 */
export async function reportedAtEnd({ tail, program, silenceMs }: UnknownEnd): Promise<Runtime | null> {
  if (tail === null || tail.bytes.length === 0 || program === null || program.runtime === 'node') return null;
  try {
    const { endsWithReport } = await import('./ends-with-report.ts');
    return endsWithReport(tail.bytes.toString('utf8'), program, silenceMs) ? program.runtime : null;
  } catch {
    return null;
  }
}
