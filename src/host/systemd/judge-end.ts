import { signalName } from '../../formats/signals/signal-name.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { ServiceExit } from '../source.ts';

/** How systemd saw a main process end. */
export type ProcessEnd = {
  /** As `EXIT_CODE` in the journal. */
  code: 'exited' | 'killed' | 'dumped';
  status: number;
  /** `Result` of the service; null if it is not known. */
  result: string | null;
  /** A job stopped the service, before this. */
  stopping: boolean;
};

/** Exit codes of a process in which systemd could not execute the command (systemd.exec(5)). */
const FIRST_OWN_CODE = 200;
const LAST_OWN_CODE = 245;

/** Crash or stop, by what systemd says besides the exit status. Pure. */
export function judgeEnd(end: ProcessEnd): Pick<ServiceExit, 'status' | 'asked' | 'because'> {
  const status = toStatus(end);
  if (end.stopping) return { status, asked: true, because: null };
  return { status, asked: false, because: becauseOf(end) };
}

function becauseOf({ code, status, result }: ProcessEnd): ServiceExit['because'] {
  switch (result) {
    case 'success':
    case 'timeout':
    case 'watchdog':
    case 'oom-kill':
      return result;
  }
  const isOwnCode = code === 'exited' && status >= FIRST_OWN_CODE && status <= LAST_OWN_CODE;
  return isOwnCode ? 'cannot-start' : null;
}

function toStatus({ code, status }: ProcessEnd): ExitStatus {
  if (code === 'exited') return { type: 'code', code: status };
  return { type: 'signal', signal: signalName(status) ?? `SIG${status}` };
}
