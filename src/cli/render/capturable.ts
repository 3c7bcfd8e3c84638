import type { ProgramState, StartedWith } from '../../journal/documents.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import { hasProbe } from '../../policy/worker-preparation.ts';

type Armed = { program: ProgramState | null; startedWith?: StartedWith | null };

/** The kind of crash that is captured of an armed service. */
export function capturedBy(means: CaptureMeans): string {
  return means === 'debugger' ? 'fatal signal' : 'uncaught exception';
}

/** The kind of crash that an armed worker captures. */
export function capturable({ program, startedWith = null }: Armed): string {
  const isProbed =
    program === null ||
    (hasProbe(program.runtime) && (startedWith === null || startedWith.runtime === program.runtime));
  const what = isProbed ? 'the next crash' : 'the next fatal signal';
  return program !== null && (program.forks > 0 || program.children !== undefined)
    ? `${what} of its main process`
    : what;
}
