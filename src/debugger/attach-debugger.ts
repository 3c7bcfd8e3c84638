import type { AttachFailure } from './attach-failure.ts';
import type { AttachOptions } from './attach-options.ts';
import { startGdbserver } from './gdbserver-process.ts';
import { obstacle } from './obstacle.ts';
import type { DebuggerSession } from './session.ts';
import { Tracer } from './tracer.ts';

/**
 * Attaches a debugger to a running process, all threads of it, and lets it run on: it stands still for about a
 * millisecond. Children that it starts are not attached.
 *
 * The worker's signals reach it as ever; at a fatal one it is held, `onFatal` may read it, and the signal is passed on.
 */
export async function attachDebugger<C>(
  options: AttachOptions<C>,
): Promise<DebuggerSession<C> | AttachFailure> {
  const before = obstacle(options.pid, options.signal);
  if (before !== null) return before;
  const { pid, gdbserverPath = 'gdbserver', watchEverySeconds } = options;
  const gdbserver = startGdbserver(gdbserverPath, pid, watchEverySeconds);
  const tracer = new Tracer(gdbserver, { stays: false });
  return await tracer.attach(options);
}
