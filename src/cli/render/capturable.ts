import type { ProgramState } from '../../journal/documents.ts';

/** The kind of crash that an armed worker captures. */
export function capturable({ program }: { program: ProgramState | null }): string {
  const what = program === null || program.runtime === 'node' ? 'the next crash' : 'the next fatal signal';
  return program !== null && program.forks > 0 ? `${what} of its main process` : what;
}
