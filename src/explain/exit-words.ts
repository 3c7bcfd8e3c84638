import type { ExitStatus } from '../model/exit.ts';

/** How a process ended: `exit code 1`, `SIGSEGV`, `exit status unknown`. */
export function exitWords(status: ExitStatus): string {
  if (status.type === 'code') return `exit code ${status.code}`;
  return status.type === 'signal' ? status.signal : 'exit status unknown';
}
