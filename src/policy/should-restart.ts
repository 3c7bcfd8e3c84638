import type { ExitStatus, ExitVerdict } from '../model/exit.ts';

export type RestartMode = 'always' | 'on-crash' | 'never';

/**
 * Is the worker started again after this exit? `on-crash` also restarts it after SIGKILL and after an unknown exit status:
 * these are no crashes, but no requested stops either.
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
