import type { LastWords } from '../../../model/last-words.ts';

/** Without the reason: which memory it was. */
export const OUT_OF_MEMORY = 'Terminating due to java.lang.OutOfMemoryError';

/** What the JVM prints before it exits because of `-XX:+ExitOnOutOfMemoryError`, without a stack. */
export function readOutOfMemory(lines: readonly string[]): LastWords | null {
  const at = lines.findLastIndex((line) => line !== '');
  const line = lines[at] ?? '';
  if (line !== OUT_OF_MEMORY && !line.startsWith(`${OUT_OF_MEMORY}: `)) return null;
  return {
    form: 'exit-on-out-of-memory',
    error: { type: 'java.lang.OutOfMemoryError', calls: [], members: [], refuted: 0, cut: 0 },
    ...{ causes: [], thread: null, handled: false, pid: null, signal: null, version: null },
    ...{ from: at, to: at + 1, linesAfter: 0 },
  };
}
