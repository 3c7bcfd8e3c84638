import { formatDuration } from '../formats/duration.ts';
import type { EndedChild, EndedProcess } from '../model/ended-process.ts';

/** `worker of gunicorn (process 4711)`; null for the main process. */
export function processWords(process: EndedProcess): string | null {
  if (process.role === 'main') return null;
  const name = process.role === 'worker' ? `worker of ${process.name}` : process.name;
  return `${name} (process ${process.pid})`;
}

/** What its master did after the end of a worker; no full stop. */
export function replacementWords(process: EndedChild, replacedAfterMs: number | null): string {
  const who = process.role === 'worker' ? 'its master' : 'its parent';
  return replacedAfterMs === null
    ? `${who} had not started another after 1 s`
    : `${who} started another after ${formatDuration(replacedAfterMs)}`;
}
