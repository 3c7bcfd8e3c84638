import type { DebuggedLaunch, LaunchEnd } from '../../debugger/launch-under-debugger.ts';
import type { SessionEnd } from '../../debugger/session.ts';
import { signalName } from '../../formats/signals/signal-name.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { adoptWorker, signalProcess } from '../../worker/adopt.ts';
import { delay } from '../../worker/delay.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import type { Worker } from '../../worker/worker.ts';

/** The debugger learns of an exit before the parent does. */
const FINAL_STATUS_MS = 100;

/** A worker that is a descendant of a debugger, and not our child. */
export function launchedWorker(launched: DebuggedLaunch<unknown>): Worker {
  const { pid } = launched;
  const startTicks = readProcessStat(pid)?.startTicks ?? 0;
  return {
    pid,
    startTicks,
    exited: exitOf(launched, startTicks),
    signal: (name) => signalProcess(pid, startTicks, name),
  };
}

async function exitOf(launched: DebuggedLaunch<unknown>, startTicks: number): Promise<ExitStatus> {
  const { pid, session, ended } = launched;
  const seen = session.then(async (attached) =>
    'failed' in attached ? null : statusOf(await attached.ended),
  );
  const reported = await ended;
  const otherwise = reported === null ? await adoptWorker(pid, startTicks).exited : shellStatus(reported);
  const over = new AbortController();
  const late = delay(FINAL_STATUS_MS, over.signal).then(() => null);
  const known = await Promise.race([seen, late]);
  over.abort();
  return known ?? otherwise;
}

/** null if the debugger did not stay to the end. */
function statusOf(end: SessionEnd<unknown>): ExitStatus | null {
  if (end.type === 'exited') return { type: 'code', code: end.code };
  const signal = end.type === 'killed' && end.signal !== null ? signalName(end.signal) : null;
  return signal === null ? null : { type: 'signal', signal };
}

function shellStatus({ status, isSignal }: LaunchEnd): ExitStatus {
  const signal = isSignal ? signalName(status - 128) : null;
  return signal === null ? { type: 'code', code: status } : { type: 'signal', signal };
}
