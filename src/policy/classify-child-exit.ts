import type { ExitEvidence, ExitStatus, ExitVerdict } from '../model/exit.ts';
import { classifyExit } from './classify-exit.ts';
import { notCounted } from './exit-verdict.ts';

/** What is known of the end of a process below the main one, while the main one runs. */
export type ChildEvidence = Pick<
  ExitEvidence,
  'oomKills' | 'nodeTrailer' | 'v8OutOfMemory' | 'runtime' | 'candidate' | 'native'
> & {
  /** `EndedProcess.name` of a worker; null for another process. */
  master: string | null;
  /** Its master says that it ended it because it did not respond. */
  hung: boolean;
};

/** After these codes of a worker its master ends itself, and that exit is the crash. Source: gunicorn, arbiter.py. */
const ENDS_MASTER: Readonly<Record<string, readonly number[]>> = { gunicorn: [3, 4] };

/** Ends that are part of every day: nothing is recorded of them. */
const ORDINARY = ['normal', 'stop-signal', 'terminal-signal'];

/**
 * The verdict on the exit of a process below the main one. null: it ended as such processes do, at a reload, at a stop, or
 * after as many requests as its master lets it serve.
 */
export function classifyChildExit(status: ExitStatus, evidence: ChildEvidence): ExitVerdict | null {
  const { master, hung, ...known } = evidence;
  if (status.type === 'unknown') return null;
  if (hung) return notCounted('worker-timeout');
  if (status.type === 'code' && ENDS_MASTER[master ?? '']?.includes(status.code)) return null;
  const verdict = classifyExit(status, {
    ...known,
    asked: null,
    passedOn: [],
    because: null,
  });
  return ORDINARY.includes(verdict.reason.code) ? null : verdict;
}
