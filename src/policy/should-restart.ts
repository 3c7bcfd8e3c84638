import type { ExitStatus, ExitVerdict } from '../model/exit.ts';

export type RestartMode = 'always' | 'on-crash' | 'never';

/**
 * Is the worker started again after this exit? `on-crash` restarts what crashed, and also what was killed with SIGKILL
 * or ended unseen: neither is a crash, but neither is a stop that anybody asked crashmon for.
 */
export function shouldRestart(mode: RestartMode, status: ExitStatus, verdict: ExitVerdict): boolean {
  if (mode === 'never') return false;
  if (mode === 'always' || verdict.counted) return true;
  if (status.type === 'unknown') return true;
  return (
    (status.type === 'signal' && status.signal === 'SIGKILL') ||
    (status.type === 'code' && status.code === 137)
  );
}
