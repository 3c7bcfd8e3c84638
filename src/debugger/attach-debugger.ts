import type { AttachFailure } from './attach-failure.ts';
import type { AttachOptions } from './attach-options.ts';
import { startGdbserver } from './gdbserver-process.ts';
import { obstacle } from './obstacle.ts';
import type { DebuggerSession } from './session.ts';
import { Tracer } from './tracer.ts';

/**
 * Starts a debugger that attaches to one process after another: after a restart nothing has to be started beside the
 * worker. The caller must end it.
 */
export function startTracer(): Tracer {
  return new Tracer(startGdbserver('gdbserver', 0), { stays: true });
}

/**
 * Attaches a debugger to all threads of a running process, which is stopped for about a millisecond. Children that it
 * starts are not attached.
 *
 * The worker gets its signals as before; at a fatal one it is held, `onFatal` can read it, and the signal is delivered.
 */
export async function attachDebugger<C>(
  options: AttachOptions<C>,
): Promise<DebuggerSession<C> | AttachFailure> {
  const before = obstacle(options.pid, options.signal);
  if (before !== null) return before;
  const { pid, gdbserverPath = 'gdbserver', watchdogProgram } = options;
  const gdbserver = startGdbserver(gdbserverPath, pid, watchdogProgram);
  const tracer = new Tracer(gdbserver, { stays: false });
  return await tracer.attach(options);
}
